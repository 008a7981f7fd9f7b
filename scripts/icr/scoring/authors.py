"""Which tokens the authors' scoring script sums, for comparison with its scores.

The script tokenises prompt, stripped response and end token as one text, whether the response
ended by itself or was cut. It shifts the labels but not the mask: the first response token is left
out, and a row that is not the longest of its batch also sums the first padding token after its end
token, unless the two are the same token. Its batches are three consecutive prompts of the whole
file at one response index. The choice of ids reproduces all of this, so that the engine stays the
same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from transformers import PreTrainedTokenizerBase

from icr.models.chat import pad_id, prompt_ids
from icr.models.turn_ends import turn_end

BATCH = 3
"""Prompts of one batch."""
FAILED = "Translation Error"
"""The text that the script scores instead of a failed translation."""


@dataclass(frozen=True)
class Part:
    """The token ids of one response that are scored."""

    prompt: list[int]
    """Token ids that the response is conditioned on."""
    ids: list[int]
    """Summed after the first ``skip``."""
    skip: int = 0


def authors_parts(
    tokenizer: PreTrainedTokenizerBase,
    samples: pd.DataFrame,
    file: pd.DataFrame,
    conditions: Mapping[str, str],
) -> list[Part]:
    """The part of each row of ``samples`` that is scored.

    ``samples`` and ``file`` are tables of the sampler or of translations; ``file`` holds all
    prompts that the script would read together, in order, and so determines the batches. A prompt
    that it lacks is in no batch. ``conditions`` are the instructions of the prompts, by prompt id.
    """
    batch = {prompt: number // BATCH for number, prompt in enumerate(file["id"].unique())}
    batches = {batch.get(prompt) for prompt in samples["id"]}
    others = file[file["id"].map(batch).isin(batches) & ~file["id"].isin(set(samples["id"]))]
    rows = pd.concat([samples, others], ignore_index=True)
    texts = rows["response"]
    if "failed" in rows:
        texts = texts.where(rows["failed"] == "", FAILED)
    end = turn_end(tokenizer)
    end_text = tokenizer.eos_token if end is None else tokenizer.convert_ids_to_tokens(end)
    prompts = {prompt: _Prompt(tokenizer, conditions[prompt]) for prompt in rows["id"].unique()}
    parts = [
        prompts[prompt].part(f"{text}{end_text}")
        for prompt, text in zip(rows["id"], texts, strict=True)
    ]
    lengths = pd.Series([len(part.prompt) + len(part.ids) for part in parts])
    longest = lengths.groupby([rows["id"].map(batch), rows["index"]]).transform("max")
    pad = pad_id(tokenizer)
    return [
        Part(part.prompt, [*part.ids, pad], 1) if short and part.ids[-1:] != [pad] else part
        for part, short in zip(parts[: len(samples)], lengths < longest, strict=False)
    ]


class _Prompt:
    """A rendered prompt, which is tokenised together with a response."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, instruction: str) -> None:
        self.tokenizer = tokenizer
        turns = [{"role": "user", "content": instruction}]
        self.text = str(
            tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        )
        whole = prompt_ids(tokenizer, instruction)
        self.length = len(whole)
        # The BOS token, if the tokenizer adds it instead of the template.
        self.lead = whole[: self.length - len(self._ids(""))]

    def _ids(self, rest: str) -> list[int]:
        ids: list[int] = self.tokenizer(self.text + rest, add_special_tokens=False)["input_ids"]
        return ids

    def part(self, response: str) -> Part:
        """The part of a response with its end token; it begins at the length of the prompt."""
        ids = [*self.lead, *self._ids(response)]
        return Part(ids[: self.length], ids[self.length :], 1)
