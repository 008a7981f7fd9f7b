"""The cheapest arithmetic that ranks responses as float32 does, decided on a few prompts.

An arithmetic is accepted if the noise that it adds to a reward is small compared with the spread of
the rewards within a prompt, and if it keeps the responses with the highest and the lowest reward of
each prompt. The reward is the difference of the log-probabilities by policy and reference; it has
no length penalty, which is not known yet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.scoring.kinds import ORDER, Arithmetic
from icr.scoring.noise import noise_floor

PROMPTS = 4
"""Number of prompts, from the first block, that decide."""
LIMIT = 0.05
"""Ratio of noise to spread from which an arithmetic is refused."""
TIE = 1e-3
"""Rewards that differ by at most this share of the spread are equal, as of identical responses."""

Floats = NDArray[np.float64]


def check(ids: Sequence[str], rewards: Floats, exact: Floats) -> dict[str, Any]:
    """Compare rewards with more exact ones. Both have the shape (responses,), in any unit.

    ``ids`` names the prompt of each response. ``noise`` is the error within a prompt
    (:func:`icr.scoring.noise.noise_floor`), ``spread`` the root mean square deviation of the exact
    rewards within a prompt, ``ratio`` noise over spread; ``extremes`` counts highest and lowest
    responses, ``kept`` those on which both agree. Prompts with one response are ignored. A number
    that is undefined, because a reward is not finite or all are equal, is None.
    """
    table = pd.DataFrame({"id": list(ids), "reward": rewards, "reward_check": exact})
    table = table[table.groupby("id")["id"].transform("size") > 1]
    prompts = [group for _, group in table.groupby("id", sort=False)]
    if not len(table) or not np.isfinite(table[["reward", "reward_check"]].to_numpy()).all():
        return {"noise": None, "spread": None, "ratio": None,
                "extremes": 2 * len(prompts), "kept": 0}  # fmt: skip
    noise = noise_floor(table)
    within = table["reward_check"] - table.groupby("id")["reward_check"].transform("mean")
    spread = float(np.sqrt((within**2).mean()))
    kept = 0
    for group in prompts:
        ours, true = group["reward"].to_numpy(), group["reward_check"].to_numpy()
        kept += int(true[ours.argmax()] >= true.max() - TIE * spread)
        kept += int(true[ours.argmin()] <= true.min() + TIE * spread)
    return {
        "noise": noise,
        "spread": spread,
        "ratio": noise / spread if spread else None,
        "extremes": 2 * len(prompts),
        "kept": kept,
    }


def passes(result: Mapping[str, Any]) -> bool:
    """Whether the numbers of :func:`check` accept an arithmetic."""
    ratio = result["ratio"]
    return ratio is not None and ratio < LIMIT and result["kept"] == result["extremes"]


def decide(
    scores: pd.DataFrame, references: Mapping[str | None, pd.DataFrame | None]
) -> dict[str, Any]:
    """The cheapest arithmetic that passes for a scorer with all its references.

    ``scores`` and the references' tables, by name, have one row a response, the same in the same
    order: ``id``, ``tokens``, and a score by each arithmetic of :data:`ORDER`. A reference of None
    stands for a reward without one. Responses without tokens are ignored.

    Returns the ``arithmetic``, the numbers of ``prompts`` and ``responses`` that decided, and the
    ``trials``: the result of :func:`check` for each reference and arithmetic. Raises InputError if
    a score in float32 is not finite.
    """
    rows = (scores["tokens"] > 0).to_numpy()
    ids = scores["id"][rows].tolist()
    trials = []
    for name, table in references.items():
        rewards = {
            arithmetic: (
                scores[arithmetic] - (0.0 if table is None else table[arithmetic])
            ).to_numpy()[rows]
            for arithmetic in ORDER
        }
        exact = rewards["float32"]
        if not np.isfinite(exact).all():
            raise InputError(
                "a response has no finite log-probability in float32; the weights of the policy "
                f"or of the reference '{name}' are broken"
            )
        for arithmetic in ORDER[:-1]:
            result = check(ids, rewards[arithmetic], exact)
            trials.append(
                {"reference": name, "arithmetic": arithmetic, **result, "accepted": passes(result)}
            )
    refused = {trial["arithmetic"] for trial in trials if not trial["accepted"]}
    return {
        "arithmetic": next(arithmetic for arithmetic in ORDER if arithmetic not in refused),
        "prompts": len(set(ids)),
        "responses": len(ids),
        "trials": trials,
    }


def decide_by_language(
    scores: pd.DataFrame, references: Mapping[str | None, pd.DataFrame | None]
) -> dict[str, Any]:
    """The decisions of :func:`decide` for each language, from ids such as ``es/12``."""
    language = scores["id"].str.partition("/")[0]
    return {
        "languages": {
            la: decide(
                scores[language == la],
                {
                    name: None if table is None else table[language == la]
                    for name, table in references.items()
                },
            )
            for la in language.unique()
        }
    }


def by_arithmetic(
    languages: Sequence[str], decisions: Sequence[Mapping[str, Any]], otherwise: Arithmetic
) -> list[tuple[Arithmetic, list[str]]]:
    """Each arithmetic with the languages that are scored in it; ``otherwise`` without decisions.

    ``decisions`` are as :func:`decide_by_language` gives them.
    """
    decided = {la: row for decision in decisions for la, row in decision["languages"].items()}
    groups: dict[Arithmetic, list[str]] = {}
    for language in languages:
        arithmetic = decided[language]["arithmetic"] if decisions else otherwise
        groups.setdefault(arithmetic, []).append(language)
    return list(groups.items())


def summary(
    decision: Mapping[str, Any], reference: str | None, rewards: pd.DataFrame
) -> dict[str, Any]:
    """The entry of a pair summary on the arithmetic of its rewards.

    ``rewards`` has id, reward and reward_check, as :mod:`icr.rewards.compute` makes it. The check
    repeats that of the decision on all rescored prompts; None without any. Prints the result.
    """
    rescored = rewards[rewards["reward_check"].notna() & rewards["reward"].notna()]
    repeated = check(
        rescored["id"].tolist(), rescored["reward"].to_numpy(), rescored["reward_check"].to_numpy()
    )
    name = decision["arithmetic"]
    trials = [trial for trial in decision["trials"] if trial["reference"] == reference]
    if repeated["extremes"]:
        verdict = "" if passes(repeated) or name == ORDER[-1] else "; THIS WOULD BE REFUSED"
        ratio = "unknown" if repeated["ratio"] is None else f"{repeated['ratio']:.2%}"
        print(
            f"scored in {name}: noise {ratio} of the spread, {repeated['kept']} of "
            f"{repeated['extremes']} extreme rewards kept{verdict}"
        )
    return {"name": name, "trials": trials, "check": repeated if repeated["extremes"] else None}


def check_one_arithmetic(decision: Mapping[str, Any], *tables: pd.DataFrame | None) -> None:
    """Raise InputError unless all scores of a reward were computed in the decided arithmetic."""
    used = {name for table in tables if table is not None for name in table["arithmetic"]}
    if used - {decision["arithmetic"]}:
        raise InputError(
            f"scores were computed in {' and '.join(sorted(used))}, and the decision is "
            f"{decision['arithmetic']}, made again since, perhaps for another reference: "
            "remove this policy's folders below logprobs/ or natural-rewards/ and run again"
        )
