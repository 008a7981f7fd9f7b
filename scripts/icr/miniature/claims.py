"""Measure the paper's claims in the miniature, whose oracle knows the truth."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.miniature.oracle import judge
from icr.miniature.world import World
from icr.storage.files import read_yaml

MEASURES = {
    "win_rate": 0.5,
    "length": 0.0,
    "accuracy": 0.0,
    "mtbench": 0.0,
    "mc2": 0.0,
    "rewardbench": 0.0,
}
"""Measures that compare two policies or rewards, with the value of a tie."""
CHANCE = "chance"
"""What a reward can be compared with in ``rewardbench``: right in half of the triples."""


def read_claims(path: str | Path) -> list[dict[str, Any]]:
    """Rows with ``claim``, ``measure``, ``policies`` (ahead, behind), ``planted``, ``headline``.

    Rows of ``rewardbench`` also have ``languages``, and compare rewards.

    Raises InputError for a row without exactly one measure, with an unknown key, with missing or
    misplaced languages, or with chance anywhere but behind a reward.
    """
    rows = []
    for row in read_yaml(path):
        if unknown := row.keys() - {"claim", "planted", "headline", "languages", *MEASURES}:
            raise InputError(
                f"{path}: claim '{row.get('claim')}' has unknown keys {sorted(unknown)}"
            )
        measures = [measure for measure in MEASURES if measure in row]
        if len(measures) != 1 or len(row[measures[0]]) != 2:
            raise InputError(
                f"{path}: claim '{row.get('claim')}' needs exactly one of {', '.join(MEASURES)}, "
                "with two policies or rewards"
            )
        of_rewards = measures == ["rewardbench"]
        if bool(row.get("languages")) != of_rewards:
            raise InputError(
                f"{path}: claim '{row['claim']}': 'languages' must stand beside rewardbench, and "
                "beside no other measure"
            )
        if CHANCE in row[measures[0]][: 1 if of_rewards else 2]:
            raise InputError(
                f"{path}: claim '{row['claim']}': '{CHANCE}' is what a reward of rewardbench is "
                "compared with, so it comes second"
            )
        rows.append(
            {
                "claim": row["claim"],
                "measure": measures[0],
                "policies": row[measures[0]],
                "planted": row.get("planted", False),
                "headline": row.get("headline"),
                **({"languages": row["languages"]} if of_rewards else {}),
            }
        )
    return rows


def claimed_policies(claims: Sequence[Mapping[str, Any]], *measures: str) -> list[str]:
    """Unique policies of the claims with one of these measures."""
    policies = (p for claim in claims if claim["measure"] in measures for p in claim["policies"])
    return list(dict.fromkeys(policies))


def decide(claim: Mapping[str, Any], value: float, error: float) -> dict[str, Any]:
    """The claim with its value, standard error and verdict.

    A difference is shown if it exceeds two standard errors.
    """
    margin = value - MEASURES[claim["measure"]]
    verdict = "not shown"
    if abs(margin) > 2 * error:
        verdict = "shown" if margin > 0 else "the opposite is shown"
    return {**claim, "value": value, "error": error, "verdict": verdict}


def win_rate(ahead: pd.DataFrame, behind: pd.DataFrame, languages: Sequence[str]) -> Any:
    """Win rate of ``ahead`` over ``behind`` (a tie counts half) and its standard error over facts.

    Each answer to a question is compared with each of the other policy's answers to it. The tables
    have one row per answer: language, fact, score.
    """

    def share(scores: NDArray[np.float64], others: NDArray[np.float64]) -> float:
        difference = scores[:, None] - others[None, :]
        return float((difference > 0).mean() + 0.5 * (difference == 0).mean())

    return _over_facts(ahead, behind, languages, "score", share)


def length_difference(ahead: pd.DataFrame, behind: pd.DataFrame, languages: Sequence[str]) -> Any:
    """Mean difference in answer length, in characters, and its standard error over facts."""
    first, second = (table.assign(length=table["response"].str.len()) for table in (ahead, behind))
    difference = lambda a, b: float(a.mean() - b.mean())  # noqa: E731
    return _over_facts(first, second, languages, "length", difference)


def agreement(
    world: World, language: str, samples: pd.DataFrame, responses: pd.DataFrame
) -> pd.Series:
    """Share of sample pairs that a reward orders as the oracle does, by prompt.

    ``responses`` holds the ``reward`` of each row of ``samples``. Pairs with equal oracle scores
    are ignored; prompts without other pairs are left out.
    """
    rewarded = samples[["id", "index", "response"]].merge(responses[["id", "index", "reward"]])
    shares = {}
    for prompt_id, rows in rewarded.groupby("id", sort=False):
        fact = world.fact_of(str(prompt_id))
        score = np.array([judge(world, fact, language, text).score for text in rows["response"]])
        reward = rows["reward"].to_numpy()
        i, j = np.triu_indices(len(rows), 1)
        gap = score[i] - score[j]
        unequal = np.abs(gap) > 1e-6
        if unequal.any():
            shares[prompt_id] = float(((reward[i] - reward[j]) * gap > 0)[unequal].mean())
    return pd.Series(shares, dtype=float)


def accuracy_difference(
    ahead: Sequence[pd.Series], behind: Sequence[pd.Series]
) -> tuple[float, float]:
    """Mean difference in agreement (one series per language), and its error over prompts."""
    differences = pd.concat([a - b for a, b in zip(ahead, behind, strict=True)]).dropna()
    return float(differences.mean()), _error(differences.to_numpy())


def metric_difference(
    ahead: Sequence[Mapping[str, Any]], behind: Sequence[Mapping[str, Any]], measure: str
) -> tuple[float, float]:
    """Mean difference of two policies' metrics (one file per language) and its standard error.

    ``measure`` is ``mtbench``, the mean grade, or ``mc2``, the right answer's share of the
    probability. Languages and policies are treated as independent.
    """

    def read(metrics: Mapping[str, Any]) -> tuple[float, float]:
        if measure == "mtbench":
            return metrics["score"], metrics["score_se"]
        return metrics["truthfulqa_mc2"]["value"], metrics["truthfulqa_mc2"]["stderr"]

    first, second = ([read(metrics) for metrics in policy] for policy in (ahead, behind))
    means = [np.mean([value for value, _ in values]) for values in (first, second)]
    error = np.linalg.norm([error for _, error in (*first, *second)]) / len(first)
    return float(means[0] - means[1]), float(error)


def triple_difference(
    ahead: Sequence[pd.DataFrame], behind: Sequence[pd.DataFrame] | None
) -> tuple[float, float]:
    """Mean difference in accuracy on triples of the subset ``fact``, and its error over facts.

    Each reward has one table per language, in the same order: id (``fact/{fact}/{name}``), subset,
    and the rewards ``chosen`` (the right number) and ``rejected`` (a wrong one). Equal rewards are
    wrong. ``behind`` is None for chance, which is right in half of the triples.

    Raises InputError if the triples have no such subset.
    """
    accuracy = _accuracy_by_fact(ahead)
    differences = accuracy - (0.5 if behind is None else _accuracy_by_fact(behind))
    return float(differences.mean()), _error(differences.to_numpy())


def _accuracy_by_fact(tables: Sequence[pd.DataFrame]) -> pd.Series:
    """Share of right triples of each fact, as the mean over the languages."""
    by_language = []
    for table in tables:
        triples = table[table["subset"] == "fact"]
        if triples.empty:
            raise InputError("claims about rewards need triples of the miniature's subset 'fact'")
        fact = triples["id"].str.split("/").str[1]
        by_language.append((triples["chosen"] > triples["rejected"]).groupby(fact).mean())
    return pd.concat(by_language, axis=1).mean(axis=1)


def _over_facts(
    ahead: pd.DataFrame,
    behind: pd.DataFrame,
    languages: Sequence[str],
    column: str,
    compare: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
) -> tuple[float, float]:
    groups: list[dict[Any, Any]] = [
        {key: rows.to_numpy(float) for key, rows in table.groupby(["language", "fact"])[column]}
        for table in (ahead, behind)
    ]
    facts = sorted({str(fact) for _, fact in groups[0]})
    values = np.array(
        [
            np.mean([compare(groups[0][la, fact], groups[1][la, fact]) for la in languages])
            for fact in facts
        ]
    )
    return float(values.mean()), _error(values)


def _error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
