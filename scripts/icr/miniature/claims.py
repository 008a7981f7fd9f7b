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

MEASURES = {"win_rate": 0.5, "length": 0.0, "accuracy": 0.0, "mtbench": 0.0, "mc2": 0.0}
"""Measures that compare two policies, with the value of a tie."""


def read_claims(path: str | Path) -> list[dict[str, Any]]:
    """Rows with ``claim``, ``measure``, ``policies`` (ahead, behind), ``planted``, ``headline``.

    Raises InputError for a row without exactly one measure or with an unknown key.
    """
    rows = []
    for row in read_yaml(path):
        if unknown := row.keys() - {"claim", "planted", "headline", *MEASURES}:
            raise InputError(
                f"{path}: claim '{row.get('claim')}' has unknown keys {sorted(unknown)}"
            )
        measures = [measure for measure in MEASURES if measure in row]
        if len(measures) != 1 or len(row[measures[0]]) != 2:
            raise InputError(
                f"{path}: claim '{row.get('claim')}' needs exactly one of {', '.join(MEASURES)}, "
                "with two policies"
            )
        rows.append(
            {
                "claim": row["claim"],
                "measure": measures[0],
                "policies": row[measures[0]],
                "planted": row.get("planted", False),
                "headline": row.get("headline"),
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
