"""Which tokens the authors' scoring script sums, for comparison with its scores.

The script tokenises prompt, stripped response and end token as one text, whether the response
ended by itself or was cut. It shifts the labels but not the mask: the first response token is left
out, and a row that is not the longest of its batch adds the first pad behind its end token, unless
the pad is that token. Its batches are three consecutive prompts of the whole file at one response
index. All of this is reproduced by choosing the ids, so that the engine is the same.
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
"""What the script scores in the place of a translation that failed."""


@dataclass(frozen=True)
class Part:
    """The token ids of one response that are scored."""

    given: list[int]
    """Conditioned on: the prompt."""
    ids: list[int]
    """Summed after the first ``skip``."""
    skip: int = 0


def authors_parts(
    tokenizer: PreTrainedTokenizerBase,
    samples: pd.DataFrame,
    file: pd.DataFrame,
    conditions: Mapping[str, str],
) -> list[Part]:
    """What is scored of each row of ``samples``.

    ``samples`` and ``file`` are tables of the sampler or of translations; ``file`` holds all
    prompts that the script would read together, in order, and decides the batches. A prompt that
    is not in it is in no batch. ``conditions`` are the instructions that go into the prompts, by
    prompt id.
    """
    batch = {prompt: place // BATCH for place, prompt in enumerate(file["id"].unique())}
    batches = {batch.get(prompt) for prompt in samples["id"]}
    beside = file[file["id"].map(batch).isin(batches) & ~file["id"].isin(set(samples["id"]))]
    rows = pd.concat([samples, beside], ignore_index=True)
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
    lengths = pd.Series([len(part.given) + len(part.ids) for part in parts])
    longest = lengths.groupby([rows["id"].map(batch), rows["index"]]).transform("max")
    pad = pad_id(tokenizer)
    return [
        Part(part.given, [*part.ids, pad], 1) if short and part.ids[-1:] != [pad] else part
        for part, short in zip(parts[: len(samples)], lengths < longest, strict=False)
    ]


class _Prompt:
    """A rendered prompt and what it takes to tokenise it together with a response."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, instruction: str) -> None:
        self.tokenizer = tokenizer
        turns = [{"role": "user", "content": instruction}]
        self.text = str(
            tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        )
        whole = prompt_ids(tokenizer, instruction)
        self.length = len(whole)
        # A BOS that the template leaves to the tokenizer.
        self.lead = whole[: self.length - len(self._ids(""))]

    def _ids(self, rest: str) -> list[int]:
        ids: list[int] = self.tokenizer(self.text + rest, add_special_tokens=False)["input_ids"]
        return ids

    def part(self, response: str) -> Part:
        """A response that ends with its end token; the prompt's length decides where it begins."""
        ids = [*self.lead, *self._ids(response)]
        return Part(ids[: self.length], ids[self.length :], 1)
