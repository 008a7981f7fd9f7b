"""English preference pairs from a model's own responses, to train a π⁰ where none is published.

The paper starts from a published English-aligned model. A small or miniature run trains its own:
the base model answers English prompts, an annotator ranks the answers, and DPO follows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids, ends_line
from icr.sampling import BackendOptions, Sample, Sampler, SamplingSettings, open_sampler
from icr.sampling.cuts import check_cuts
from icr.sampling.room import room
from icr.seeds import seed_of
from icr.storage.resumable import compute_resumable, identity

Annotator = Callable[[str, Sequence[str]], list[float]]
"""From a prompt id and several English responses to the scores of these responses."""

SMALLEST_GAP = 0.05
"""The smallest difference of scores that makes a pair; below it the annotator sees none."""


@dataclass(frozen=True)
class Draws:
    """Settings of English pairs."""

    draws: int
    """Attempts to make a pair from each prompt."""
    samples: int
    """Responses per attempt with an annotator."""
    temperature: float
    low_temperature: float
    """Temperature of the chosen response without an annotator."""
    max_tokens: int
    chunk: int
    """Prompts per piece of resumable work."""


def english_pairs(
    folder: str | Path,
    prompts: Sequence[dict[str, Any]],
    output: str | Path,
    draws: Draws,
    backend: str,
    options: BackendOptions,
    seed: int,
    annotate: Annotator | None,
) -> pd.DataFrame:
    """Pairs with the columns of :mod:`icr.pairing.selection` that training needs.

    With an annotator, a pair is the best of ``draws.samples`` responses against the worst. Without
    one, it is a response at the low temperature against one at the high temperature: a cheap
    substitute for a preference, as a low temperature gives likelier and usually better text.

    Raises InputError as :func:`icr.sampling.block.sample_block` does.
    """
    tokenizer = load_tokenizer(folder)
    tokenized = [prompt_ids(tokenizer, row["instruction"]) for row in prompts]
    names = [row["instruction_id"] for row in prompts]
    room(folder, options.max_model_len).check(names, tokenized, draws.max_tokens)
    ends = end_ids(folder, tokenizer)
    hot = SamplingSettings(
        n=draws.samples if annotate else 1,
        temperature=draws.temperature,
        max_tokens=draws.max_tokens,
    )
    settings = [hot] if annotate else [replace(hot, temperature=draws.low_temperature), hot]

    @cache
    def sampler(role: int) -> Sampler:
        return open_sampler(backend, folder, settings[role], options)

    def compute(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
        ids = [prompt_ids(tokenizer, row["instruction"]) for row in rows]
        pairs = []
        for draw in range(draws.draws):
            groups: list[list[Sample]] = [[] for _ in rows]
            for role in range(len(settings)):
                seeds = [seed_of(seed, row["instruction_id"], draw, role) for row in rows]
                for group, samples in zip(groups, sampler(role).generate(ids, seeds), strict=True):
                    group += samples
            for row, prompt, group in zip(rows, ids, groups, strict=True):
                texts = [response_text(tokenizer, sample.content_ids) for sample in group]
                scores = annotate(row["instruction_id"], texts) if annotate else [1.0, 0.0]
                best, worst = scores.index(max(scores)), scores.index(min(scores))
                if scores[best] - scores[worst] < SMALLEST_GAP or texts[best] == texts[worst]:
                    continue
                pairs.append(
                    {
                        "id": f"{row['instruction_id']}/{draw}",
                        "language": "en",
                        "prompt": row["instruction"],
                        "chosen": texts[best],
                        "rejected": texts[worst],
                        "prompt_ids": prompt,
                        "chosen_ids": group[best].response_ids,
                        "rejected_ids": group[worst].response_ids,
                        "chosen_finish_reason": group[best].finish_reason,
                        "rejected_finish_reason": group[worst].finish_reason,
                        "chosen_logprob": group[best].logprob,
                        "rejected_logprob": group[worst].logprob,
                    }
                )
        return pd.DataFrame(pairs)

    pieces = [prompts[i : i + draws.chunk] for i in range(0, len(prompts), draws.chunk)]
    key = {"seed": seed, "draws": repr(draws), "options": repr(options), "model": identity(folder),
           "ends": ends}  # fmt: skip
    table = compute_resumable(output, key, pieces, compute)
    if len(table):
        reasons = table[["chosen_finish_reason", "rejected_finish_reason"]].to_numpy().ravel()
        check_cuts(reasons.tolist(), draws.max_tokens, ends_line(tokenizer, ends))
    return table
