"""Accuracy by subset, category and language, as RewardBench computes it."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.storage.files import read_csv

Weights = Mapping[str, tuple[str | None, float]]
"""By subset: its category, None if it is reported alone, and its weight within it."""
WHOLE = "all"
"""The subset of triples without a subset of their own."""


def read_weights(path: str | Path) -> dict[str, tuple[str | None, float]]:
    """The categories and weights of a CSV file with the columns category, subset and weight.

    Raises InputError for a missing column, a repeated subset, or a weight that is not positive.
    """
    table = read_csv(path, dtype={"category": str, "subset": str})
    if missing := {"category", "subset", "weight"} - set(table):
        raise InputError(f"{path} lacks the columns {', '.join(sorted(missing))}")
    if table["subset"].duplicated().any() or table["subset"].isna().any():
        raise InputError(f"{path}: each subset must be named, and once")
    weights = pd.to_numeric(table["weight"], errors="coerce")
    if not (weights > 0).all():
        raise InputError(f"{path}: each weight must be a positive number")
    return {
        str(subset): (None if pd.isna(category) else str(category), float(weight))
        for category, subset, weight in zip(
            table["category"], table["subset"], weights, strict=True
        )
    }


def subsets_of(triples: pd.DataFrame) -> list[str]:
    """The distinct subsets of triples, in their order."""
    return [str(name) for name in triples["subset"].fillna(WHOLE).unique()]


def check_weights(weights: Weights, subsets: Collection[str]) -> None:
    """Raise InputError unless weights and triples have the same subsets."""
    if unknown := sorted(set(subsets) - weights.keys()):
        raise InputError(
            f"the triples have subsets without a weight: {', '.join(unknown)}; add them to the "
            "file of weights, without a category if they do not count"
        )
    if missing := sorted(weights.keys() - set(subsets)):
        raise InputError(
            f"there are weights of subsets without a triple: {', '.join(missing)}; the score would "
            "leave them out"
        )


def metrics(rewards: pd.DataFrame, weights: Weights | None) -> dict[str, Any]:
    """Accuracies of a reward in one language.

    ``rewards`` has one row per triple: subset (or None), and the rewards ``chosen`` and
    ``rejected``. A triple is right if the chosen response has the strictly greater reward; equal
    rewards are wrong, and counted as ``ties``. With ``weights``, a category is the weighted mean of
    its subsets and ``score`` the plain mean of the categories; without, both are absent.

    Standard errors are those of independent triples: √(p(1 − p)/n) of a subset, propagated through
    the fixed weights, which is the limit of a bootstrap over the triples of each subset.

    Raises InputError if a reward is not finite, if all are equal, or for subsets that
    :func:`check_weights` refuses.
    """
    values = rewards[["chosen", "rejected"]].to_numpy(float)
    if not pd.notna(values).all() or not abs(values).max() < float("inf"):
        raise InputError("a reward of a triple is not a finite number")
    if values.min() == values.max():
        raise InputError(f"all rewards of {len(rewards)} triples are {values.min()}; none can rank")
    subset = rewards["subset"].fillna(WHOLE)
    right = rewards["chosen"] > rewards["rejected"]
    subsets = {
        str(name): _accuracy(float(part.mean()), len(part))
        for name, part in right.groupby(subset, sort=False)
    }
    result = {
        "triples": len(rewards),
        "ties": int((rewards["chosen"] == rewards["rejected"]).sum()),
        **{name: _accuracy(float(right.mean()), len(right))[name] for name in ("accuracy", "se")},
        "subsets": subsets,
        "categories": {},
        "score": None,
        "score_se": None,
    }
    if weights is None:
        return result
    check_weights(weights, subsets)
    categories: dict[str, dict[str, float]] = {}
    for category in dict.fromkeys(name for name, _ in weights.values() if name is not None):
        members = {name: w for name, (of, w) in weights.items() if of == category}
        total = sum(members.values())
        shares = {name: weight / total for name, weight in members.items()}
        categories[category] = {
            "accuracy": sum(share * subsets[name]["accuracy"] for name, share in shares.items()),
            "se": sum((share * subsets[name]["se"]) ** 2 for name, share in shares.items()) ** 0.5,
        }
    if categories:
        count = len(categories)
        result["score"] = sum(row["accuracy"] for row in categories.values()) / count
        result["score_se"] = sum(row["se"] ** 2 for row in categories.values()) ** 0.5 / count
    return {**result, "categories": categories}


def _accuracy(share: float, count: int) -> dict[str, float]:
    return {"accuracy": share, "se": (share * (1 - share) / count) ** 0.5, "triples": count}


def seen_prompts(triples: pd.DataFrame, trained_on: Sequence[pd.DataFrame]) -> int | None:
    """Number of triples with exactly the conversation of a training pair, in the same language.

    ``trained_on`` holds the preference pairs of each language of training; None if it is empty.
    """
    if not trained_on:
        return None
    seen = {_text(messages) for table in trained_on for messages in table["messages"]}
    return sum(_text(messages) in seen for messages in triples["messages"])


def _text(messages: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((turn["role"], turn["content"].strip()) for turn in messages)
