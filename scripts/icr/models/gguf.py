"""A GGUF file as a Hugging Face folder."""

from pathlib import Path

import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from icr.models.gguf_file import gguf_path
from icr.models.weights import load_checked
from icr.storage.files import atomic_write


def convert_gguf(source: str, folder: str | Path) -> None:
    """Write weights and tokenizer of a GGUF file as a float32 Hugging Face folder.

    Dequantised weights are what they are: the folder is the quantised model, not the original.

    Raises InputError if there is no such file, or if it lacks weights of its model.
    """
    path = gguf_path(source)
    where, name = str(path.parent), path.name
    model = load_checked(AutoModelForCausalLM, where, gguf_file=name, dtype=torch.float32)
    # The weights are plain numbers now; these marks would keep them from being saved.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    for mark, value in (("hf_quantizer", None), ("is_quantized", False)):
        setattr(model, mark, value)
    model.config.architectures = [type(model).__name__]
    tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=name, local_files_only=True)
    if _pre_tokenizer(path) == "smollm":
        # The import loses that SmolLM's tokenizer splits numbers into digits.
        core = tokenizer.backend_tokenizer
        core.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), core.pre_tokenizer]
        )
    with atomic_write(folder) as partial:
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)


def _pre_tokenizer(path: Path) -> str:
    """The name by which a GGUF file tells how its tokenizer splits text before merging."""
    from gguf import GGUFReader

    field = GGUFReader(path).get_field("tokenizer.ggml.pre")
    return "" if field is None else str(field.contents())
