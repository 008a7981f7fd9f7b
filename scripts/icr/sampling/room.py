"""How many tokens a model takes: what a prompt leaves for the response to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError

LENGTHS = (
    "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "max_target_positions",
    "max_sequence_length", "max_seq_length", "seq_len",
)  # fmt: skip
"""What architectures call the longest text that they take."""
SCALED = ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "deepseek_llama_scaling")
"""Rotary embeddings whose stretching the length already holds."""


@dataclass(frozen=True)
class Room:
    """The longest prompt and response together, in tokens; None where nobody says."""

    limit: int | None
    said_by: str

    def left(self, prompt: Sequence[int], max_tokens: int) -> int:
        """Tokens that the response to a prompt may have; 0 if there is no room for any."""
        if self.limit is None:
            return max_tokens
        return max(0, min(max_tokens, self.limit - len(prompt)))

    def limits(self, prompts: Sequence[Sequence[int]], max_tokens: int) -> list[int]:
        """Tokens that the response to each prompt may have.

        Raises InputError for a prompt that leaves none; :meth:`check` names it by its id before.
        """
        self._refuse([f"number {n}" for n in range(len(prompts))], prompts)
        return [self.left(prompt, max_tokens) for prompt in prompts]

    def check(self, ids: Sequence[str], prompts: Sequence[Sequence[int]], max_tokens: int) -> None:
        """Print how many prompts leave less than ``max_tokens`` for the response.

        Raises InputError if one leaves nothing, and names the first by its id.
        """
        self._refuse(ids, prompts)
        tight = [left for left in self.limits(prompts, max_tokens) if left < max_tokens]
        if tight:
            print(
                f"{len(tight)} of {len(prompts)} prompts leave less room than max_tokens "
                f"({max_tokens}), {min(tight)} tokens at least: prompt and response together may "
                f"have {self.limit} ({self.said_by})"
            )

    def _refuse(self, ids: Sequence[str], prompts: Sequence[Sequence[int]]) -> None:
        full = [place for place, prompt in enumerate(prompts) if not self.left(prompt, 1)]
        if full:
            raise InputError(
                f"{len(full)} of {len(prompts)} prompts leave no room for a response, first prompt "
                f"{ids[full[0]]}: it has {len(prompts[full[0]])} tokens, and prompt and response "
                f"together may have {self.limit} ({self.said_by}). Shorten them or leave them out, "
                "or take a model with a longer context"
            )


def room(folder: str | Path, max_model_len: int | None) -> Room:
    """The room of a model: its own, as vLLM derives it, or ``max_model_len`` where that is less.

    Rotary embeddings that are stretched by a factor at inference (linear, dynamic) take that much
    more. Those with two sets of factors (longrope) are used up to the shorter length, unless
    ``max_model_len`` asks for more. A sliding window limits attention and not the text.
    """
    from transformers import AutoConfig  # not above: the configuration knows options without it

    config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
    own, asked = _own(config), max_model_len
    if own is None or (asked is not None and asked < own):
        return Room(asked, f"sampling.options.max_model_len; the model's own is {own}")
    shorter = getattr(config, "original_max_position_embeddings", None)
    two = any(one.get("rope_type") == "longrope" for one in _rope(config))
    if asked is None and two and shorter:
        return Room(int(shorter), "original_max_position_embeddings of the model")
    return Room(own, "the model's context")


def _own(config: Any) -> int | None:
    named = getattr(config, "model_max_length", None)  # Cohere's; it outranks the others
    lengths = [named] if named else [getattr(config, key, None) for key in LENGTHS]
    known = [one for one in lengths if isinstance(one, int) and one > 0]
    if not known:
        return None
    factor = 1.0
    if "gemma3" not in config.model_type:  # whose length is that of the stretched embeddings
        for one in _rope(config):
            if one.get("rope_type") not in SCALED:
                factor = one.get("factor") or factor
    return int(min(known) * factor)


def _rope(config: Any) -> Iterator[Mapping[str, Any]]:
    """Settings of the rotary embeddings, one set for each kind of layer."""
    given = getattr(config, "rope_parameters", None) or {}
    if "rope_type" in given:
        yield given
    else:
        yield from (one for one in given.values() if isinstance(one, Mapping))
