"""The context length of a model, and how many tokens a prompt leaves for its response."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError

LENGTHS = (
    "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "max_target_positions",
    "max_sequence_length", "max_seq_length", "seq_len",
)  # fmt: skip
"""Names of the context length in the configurations of architectures."""
SCALED = ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "deepseek_llama_scaling")
"""Types of rotary embeddings whose scaling the context length already includes."""


@dataclass(frozen=True)
class Room:
    """The limit of prompt and response together, in tokens; None if it is unknown."""

    limit: int | None
    source: str
    """Where the limit comes from, for messages."""

    def left(self, prompt: Sequence[int], max_tokens: int) -> int:
        """Tokens that the response to a prompt may have; 0 if there is no room for a response."""
        if self.limit is None:
            return max_tokens
        return max(0, min(max_tokens, self.limit - len(prompt)))

    def limits(self, prompts: Sequence[Sequence[int]], max_tokens: int) -> list[int]:
        """Tokens that the response to each prompt may have.

        Raises InputError for a prompt that leaves none; :meth:`check` names it by its id.
        """
        self._refuse([f"number {n}" for n in range(len(prompts))], prompts)
        return [self.left(prompt, max_tokens) for prompt in prompts]

    def check(self, ids: Sequence[str], prompts: Sequence[Sequence[int]], max_tokens: int) -> None:
        """Print how many prompts leave fewer than ``max_tokens`` tokens for the response.

        Raises InputError with the id of the first prompt that leaves none.
        """
        self._refuse(ids, prompts)
        tight = [left for left in self.limits(prompts, max_tokens) if left < max_tokens]
        if tight:
            print(
                f"{len(tight)} of {len(prompts)} prompts leave less room than max_tokens "
                f"({max_tokens}), {min(tight)} tokens at least: prompt and response together may "
                f"have {self.limit} ({self.source})"
            )

    def _refuse(self, ids: Sequence[str], prompts: Sequence[Sequence[int]]) -> None:
        full = [index for index, prompt in enumerate(prompts) if not self.left(prompt, 1)]
        if full:
            raise InputError(
                f"{len(full)} of {len(prompts)} prompts leave no room for a response, first prompt "
                f"{ids[full[0]]}: it has {len(prompts[full[0]])} tokens, and prompt and response "
                f"together may have {self.limit} ({self.source}). Shorten them or leave them out, "
                "or use a model with a longer context"
            )


def room(folder: str | Path, max_model_len: int | None) -> Room:
    """The room of a model: its context length as vLLM derives it, or a lower ``max_model_len``.

    Rotary embeddings that are scaled by a factor at inference (linear, dynamic) extend the context
    by that factor. Those with two sets of factors (longrope) are used up to the shorter length,
    unless ``max_model_len`` is set. A sliding window limits attention, not the text.
    """
    from transformers import AutoConfig  # here: the configuration is checked without it

    config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
    length = _context_length(config)
    if length is None or (max_model_len is not None and max_model_len < length):
        return Room(max_model_len, f"sampling.options.max_model_len; the model's own is {length}")
    shorter = getattr(config, "original_max_position_embeddings", None)
    longrope = any(rope.get("rope_type") == "longrope" for rope in _ropes(config))
    if max_model_len is None and longrope and shorter:
        return Room(int(shorter), "original_max_position_embeddings of the model")
    return Room(length, "the model's context")


def _context_length(config: Any) -> int | None:
    cohere = getattr(config, "model_max_length", None)  # takes precedence over the others
    lengths = [cohere] if cohere else [getattr(config, key, None) for key in LENGTHS]
    known = [length for length in lengths if isinstance(length, int) and length > 0]
    if not known:
        return None
    factor = 1.0
    if "gemma3" not in config.model_type:  # its length already includes the scaling
        for rope in _ropes(config):
            if rope.get("rope_type") not in SCALED:
                factor = rope.get("factor") or factor
    return int(min(known) * factor)


def _ropes(config: Any) -> Iterator[Mapping[str, Any]]:
    """Settings of the rotary embeddings, one set for each kind of layer."""
    settings = getattr(config, "rope_parameters", None) or {}
    if "rope_type" in settings:
        yield settings
    else:
        yield from (rope for rope in settings.values() if isinstance(rope, Mapping))
