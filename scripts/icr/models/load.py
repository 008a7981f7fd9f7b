"""Loading of tokenizers and models, and the check that policy and reference share a vocabulary."""

from pathlib import Path
from typing import Literal

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from icr.errors import InputError
from icr.models.chat import check_tokenizer
from icr.models.precision import Precision as Precision
from icr.models.weights import load_checked


def higher(precision: str) -> torch.dtype:
    """The higher precision in which scores of a precision or arithmetic are checked."""
    return torch.float64 if precision == "float32" else torch.float32


def load_tokenizer(folder: str | Path) -> PreTrainedTokenizerBase:
    """The tokenizer of a Hugging Face folder, checked for a chat template and an EOS.

    Works offline and never runs code from the folder. Raises InputError.
    """
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    check_tokenizer(tokenizer, Path(folder).name)
    return tokenizer


def device() -> torch.device:
    """The GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_model(
    folder: str | Path, precision: Precision | Literal["auto"] = "float32"
) -> PreTrainedModel:
    """A causal language model in evaluation mode on :func:`device`; ``auto``: as it is stored.

    Raises InputError if its files do not hold all of its weights.
    """
    dtype = precision if precision == "auto" else getattr(torch, precision)
    model = load_checked(AutoModelForCausalLM, folder, dtype=dtype)
    torch.nn.Module.to(model, device())
    return model.eval()


def check_same_vocabulary(
    policy: PreTrainedTokenizerBase, reference: PreTrainedTokenizerBase, names: tuple[str, str]
) -> None:
    """Raise InputError unless both tokenizers map the same strings to the same ids.

    The implicit reward compares the two models on the same token ids.
    """
    vocab, reference_vocab = policy.get_vocab(), reference.get_vocab()
    if vocab == reference_vocab:
        return
    tokens = vocab.keys() | reference_vocab.keys()
    differing = sorted(t for t in tokens if vocab.get(t) != reference_vocab.get(t))
    raise InputError(
        f"policy '{names[0]}' and reference '{names[1]}' have different vocabularies ({len(vocab)} "
        f"and {len(reference_vocab)} tokens, {len(differing)} differ, first {differing[0]!r}); "
        "the reference must be the model that the policy was trained from"
    )
