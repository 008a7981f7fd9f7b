"""Pairs from the responses to one prompt in all languages, of which a reward model ranks all.

The chosen and the rejected response may be in different languages; the prompt of a pair is the one
in the chosen response's language, and the pair belongs to that language (CroCo, arXiv 2605.26293).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from icr.errors import InputError
from icr.pairing.pairs import (
    Pairs,
    PairSettings,
    Selection,
    candidates_of,
    responses_of,
    select,
    summarise,
)

OTHER = "rejected_in_another_language"
"""Name of the share of pairs whose rejected response answers the prompt in another language."""
POOL = "rejected_prompt_language"
"""A column of pooled pairs alone: the language of the prompt that the rejected response answers."""


def build_pooled(
    samples: Mapping[str, pd.DataFrame],
    rewards: Mapping[str, pd.DataFrame],
    settings: PairSettings,
) -> dict[str, Pairs]:
    """Pairs by the language of the chosen response; samples and rewards are by language.

    Of equal rewards the first counts, by language in the given order, then by index. Prompts
    without a pair count as the first language's. A language without a chosen response has no pairs.

    Raises InputError if languages have different prompts, if one has no rewards, or if no pair is
    left.
    """
    tables = {la: candidates_of(samples[la], rewards[la], la, settings) for la in samples}
    for language, table in tables.items():
        if table["reward"].isna().all():
            raise InputError(
                f"language '{language}': none of its {len(table)} responses has a reward, so it "
                "cannot share a pool; raise scoring.max_length, or leave out the language"
            )
    pool = pooled(tables)
    everything = select(pool, "pooled", settings)
    label = _labelled(everything, pool)
    result = {}
    for number, (language, table) in enumerate(tables.items()):
        mine = (label["language"] == language).to_numpy()
        shares = {name: fact[mine] for name, fact in everything.shares.items()}
        shares[OTHER] = (label[POOL] != language).to_numpy()[mine]
        dropped = {k: 0 if number else count for k, count in everything.dropped.items()}
        selection = replace(
            everything,
            pairs=label[mine].reset_index(drop=True),
            adjusted=everything.adjusted[(pool["pool"] == language).to_numpy()],
            prompts=int(mine.sum()) + sum(dropped.values()),
            dropped=dropped,
            shares=shares,
        )
        summary = summarise(table, rewards[language], selection, language)
        result[language] = Pairs(selection.pairs, responses_of(table, selection.adjusted), summary)
        _report(language, selection, len(label))
    return result


def pooled(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The responses of all languages, those to one prompt together, with the column ``pool``.

    Prompts are in the order of the first language, the responses to each by language and index.
    Raises InputError if the languages do not have the same prompts.
    """
    ids = next(iter(tables.values()))["id"].unique()
    rank = {prompt_id: number for number, prompt_id in enumerate(ids)}
    parts = []
    for number, (language, table) in enumerate(tables.items()):
        if set(table["id"]) != rank.keys():
            raise InputError(
                f"language '{language}' has other prompts than '{next(iter(tables))}'; pooled "
                "pairs need the same prompts in each language"
            )
        parts.append(table.assign(pool=language, part=number, rank=table["id"].map(rank)))
    together = pd.concat(parts, ignore_index=True)
    return together.sort_values(["rank", "part", "index"], ignore_index=True)


def _labelled(selection: Selection, pool: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the languages of both prompts.

    The log-probability of a response to the prompt in another language says nothing about the
    prompt of the pair, so it is NaN.
    """
    chosen, rejected = (pool["pool"].to_numpy()[rows] for rows in selection.rows.T)
    logprobs = selection.pairs["rejected_logprob"].where(pd.Series(chosen == rejected), np.nan)
    return selection.pairs.assign(language=chosen, rejected_logprob=logprobs, **{POOL: rejected})


def _report(language: str, selection: Selection, total: int) -> None:
    pairs = selection.pairs
    if pairs.empty:
        print(f"WARNING: no response in '{language}' is the best to any prompt; it has no pairs")
        return
    shares = (f"; {name.replace('_', ' ')}: {x.mean():.1%}" for name, x in selection.shares.items())
    print(f"{language}: {len(pairs)} of {total} pooled pairs" + "".join(shares))
