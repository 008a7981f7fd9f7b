"""Conversion of a GGUF file to a Hugging Face folder."""

from pathlib import Path

import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from icr.models.gguf_file import gguf_path
from icr.models.weights import load_checked
from icr.storage.files import atomic_write


def convert_gguf(source: str, folder: str | Path) -> None:
    """Write weights and tokenizer of a GGUF file as a float32 Hugging Face folder.

    Dequantising restores no precision: the folder holds the quantised model, not the original.

    Raises InputError if the file is missing, or lacks weights of its model.
    """
    path = gguf_path(source)
    parent, name = str(path.parent), path.name
    model = load_checked(AutoModelForCausalLM, parent, gguf_file=name, dtype=torch.float32)
    # The weights are dequantised; these attributes would prevent saving them.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    for attribute, value in (("hf_quantizer", None), ("is_quantized", False)):
        setattr(model, attribute, value)
    model.config.architectures = [type(model).__name__]
    tokenizer = AutoTokenizer.from_pretrained(parent, gguf_file=name, local_files_only=True)
    if _pre_tokenizer(path) == "smollm":
        # The import loses SmolLM's splitting of numbers into digits.
        backend = tokenizer.backend_tokenizer
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), backend.pre_tokenizer]
        )
    with atomic_write(folder) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)


def _pre_tokenizer(path: Path) -> str:
    """The name of the pre-tokenizer that a GGUF file declares."""
    from gguf import GGUFReader

    field = GGUFReader(path).get_field("tokenizer.ggml.pre")
    return "" if field is None else str(field.contents())
