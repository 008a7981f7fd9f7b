"""Pairs from the responses to a prompt in all languages, which a reward model ranks together.

The chosen and the rejected response may be in different languages; the prompt of a pair, and
the pair itself, are in the chosen response's language (CroCo, arXiv 2605.26293).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from icr.errors import InputError
from icr.pairing.pairs import Pairs, responses_of
from icr.pairing.selection import PairSettings, Selection, candidates_of, select
from icr.pairing.summary import shares_line, summarise

OTHER = "rejected_in_another_language"
"""Name of the share of pairs whose rejected response answers the prompt in another language."""
POOL = "rejected_prompt_language"
"""A column that only pooled pairs have: the language of the rejected response's prompt."""


def build_pooled(
    samples: Mapping[str, pd.DataFrame],
    rewards: Mapping[str, pd.DataFrame],
    settings: PairSettings,
) -> dict[str, Pairs]:
    """Pairs by the language of the chosen response; samples and rewards are by language.

    Ties go to the first response, by language in the order of ``samples``, then by index. Prompts
    without a pair count for the first language. A language without a chosen response has no pairs.

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
    selected = select(pool, "pooled", settings)
    pairs = _with_languages(selected, pool)
    result = {}
    for number, (language, table) in enumerate(tables.items()):
        in_language = (pairs["language"] == language).to_numpy()
        shares = {name: values[in_language] for name, values in selected.shares.items()}
        shares[OTHER] = (pairs[POOL] != language).to_numpy()[in_language]
        dropped = {reason: 0 if number else n for reason, n in selected.dropped.items()}
        selection = replace(
            selected,
            pairs=pairs[in_language].reset_index(drop=True),
            adjusted=selected.adjusted[(pool["pool"] == language).to_numpy()],
            prompts=int(in_language.sum()) + sum(dropped.values()),
            dropped=dropped,
            shares=shares,
        )
        summary = summarise(table, rewards[language], selection, language)
        result[language] = Pairs(selection.pairs, responses_of(table, selection.adjusted), summary)
        _report(summary, len(pairs))
    return result


def pooled(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The responses of all languages, grouped by prompt, with their language as column ``pool``.

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


def _with_languages(selection: Selection, pool: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the languages of both prompts.

    The log-probability of a rejected response to the prompt in another language is NaN, as it does
    not apply to the pair's prompt.
    """
    chosen, rejected = (pool["pool"].to_numpy()[rows] for rows in selection.rows.T)
    logprobs = selection.pairs["rejected_logprob"].where(pd.Series(chosen == rejected), np.nan)
    return selection.pairs.assign(language=chosen, rejected_logprob=logprobs, **{POOL: rejected})


def _report(summary: Mapping[str, Any], total: int) -> None:
    language = summary["language"]
    if not summary["pairs"]:
        print(
            f"WARNING: no response in '{language}' is the best one to its prompt; it has no pairs"
        )
        return
    print(f"{language}: {summary['pairs']} of {total} pooled pairs{shares_line(summary)}")
