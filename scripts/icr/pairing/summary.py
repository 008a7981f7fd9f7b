"""The summary of a language's pairs, for the report, and its line in the log."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from icr.pairing.selection import Selection
from icr.sampling.cuts import cut_counts
from icr.scoring.noise import noise_floor, reward_spread, spread_line


def summarise(
    table: pd.DataFrame, rewards: pd.DataFrame, selection: Selection, language: str
) -> dict[str, Any]:
    """The summary of a language's pairs: α, counts, reward spread, noise floor, examples.

    ``table`` and ``rewards`` are those of :func:`icr.pairing.selection.candidates_of`. Mean lengths
    are None if there are no pairs.
    """
    pairs, n = selection.pairs, table["index"].nunique()
    noise = noise_floor(rewards)
    summary: dict[str, Any] = {
        "language": language,
        "alpha": selection.alpha,
        "prompts": selection.prompts,
        "pairs": len(pairs),
        "dropped": selection.dropped,
        "responses": {
            "all": len(table),
            "taking_part": int(table["eligible"].sum()),
            "empty": int((table["length"] == 0).sum()),
            **cut_counts(table["finish_reason"].tolist()),
            "without_reward": int(table["reward"].isna().sum()),
            "in_language": int((table["language"] == language).sum()),
            "mean_length": float(table["length"].mean()),
        },
        "reward_spread": reward_spread(table["reward"].to_numpy().reshape(-1, n)),
        "noise_floor": None if np.isnan(noise) else noise,
        "reward_quantiles": np.nanquantile(table["reward"], np.linspace(0, 1, 41)).tolist(),
        "chosen_length": _mean(pairs["chosen_length"]),
        "rejected_length": _mean(pairs["rejected_length"]),
        "examples": _examples(pairs),
    }
    if selection.shares and len(pairs):
        shares = selection.shares.items()
        summary["shares"] = {name: float(fact.mean()) for name, fact in shares}
    return summary


def _mean(lengths: "pd.Series[int]") -> float | None:
    return float(lengths.mean()) if len(lengths) else None


def _examples(pairs: pd.DataFrame, count: int = 3) -> list[dict[str, Any]]:
    """Typical pairs for the report: those whose margins are nearest to the median."""
    margin = pairs["chosen_reward"] - pairs["rejected_reward"]
    typical = (margin - margin.median()).abs().sort_values(kind="stable").index[:count]
    names = ["id", "prompt", "chosen", "rejected", "chosen_reward", "rejected_reward"]
    return [
        {str(k): v for k, v in row.items()} for row in pairs.loc[typical, names].to_dict("records")
    ]


def summary_line(summary: Mapping[str, Any]) -> str:
    """The summary in a line of the log: pairs, length penalty, reward spread, the shares."""
    noise = summary["noise_floor"]
    return (
        f"{summary['language']}: {summary['pairs']} pairs of {summary['prompts']} prompts, "
        f"{_penalty_line(summary['alpha'])}; "
        f"{spread_line(summary['reward_spread'], float('nan') if noise is None else noise)}"
        f"{shares_line(summary)}"
    )


def _penalty_line(penalty: Mapping[str, Any] | None) -> str:
    if penalty is None:
        return "no length penalty"
    return (
        f"alpha {penalty['value']:.5g}, length difference {penalty['difference']:+.2f} characters "
        f"(without penalty {penalty['difference_without']:+.2f})"
    )


def shares_line(summary: Mapping[str, Any]) -> str:
    """The shares of a summary as the end of a line."""
    shares = summary.get("shares", {}).items()
    return "".join(f"; {name.replace('_', ' ')}: {share:.1%}" for name, share in shares)
