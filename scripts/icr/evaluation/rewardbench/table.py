"""The table of rewards: a row per reward, a column per language."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

KINDS = ("score", "accuracy", "category", "subset")


def rows(measured: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> pd.DataFrame:
    """One row per reward, language and measure: view, rewarded, language, kind, name, accuracy, se.

    ``measured`` maps view, name of the reward and language to its metrics.
    """
    table = [
        {"view": view, "rewarded": name, "language": language, **row}
        for (view, name, language), metrics in measured.items()
        for row in _measures(metrics)
    ]
    return pd.DataFrame(table)


def headline(table: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The measure by which rewards are compared, ``score`` or else ``accuracy``, and its rows.

    ``table`` is that of :func:`rows`. A run has scores for all rewards or for none, by its weights.
    """
    kind = "score" if (table["kind"] == "score").any() else "accuracy"
    return kind, table[table["kind"] == kind]


def remarks(measured: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> list[str]:
    """What limits the comparison of the table: triples seen in training, or not in all languages.

    ``measured`` is as for :func:`rows`.
    """
    lines = [
        f"{name}, {language}: {metrics['seen_prompts']} of {metrics['triples']} triples have the "
        "conversation of a pair that the model was trained on."
        for (_, name, language), metrics in measured.items()
        if metrics.get("seen_prompts")
    ]
    counts = {language: metrics["triples"] for (_, _, language), metrics in measured.items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{language} {count}" for language, count in counts.items())
        lines.append(f"The languages do not have the same triples; their numbers: {listed}.")
    return lines


def _measures(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if metrics["score"] is not None:
        values = {"accuracy": metrics["score"], "se": metrics["score_se"]}
        yield {"kind": "score", "name": "", **values}
    yield {"kind": "accuracy", "name": "", "accuracy": metrics["accuracy"], "se": metrics["se"]}
    for kind, key in (("category", "categories"), ("subset", "subsets")):
        for name, values in metrics[key].items():
            yield {"kind": kind, "name": name, "accuracy": values["accuracy"], "se": values["se"]}


def markdown(table: pd.DataFrame, remarks: Sequence[str] = ()) -> str:
    """The table for readers: percent and standard error, a block per measure, then the remarks.

    Rewards are rows and languages columns, with the mean over the languages last.
    """
    languages = list(dict.fromkeys(table["language"]))
    parts = []
    for kind in KINDS:
        for name, block in table[table["kind"] == kind].groupby("name", sort=False):
            parts.append(f"## {f'{kind} {name}'.strip()}\n")
            parts.append(line(["reward", *languages, "mean"]))
            parts.append(line(["---"] * (len(languages) + 2)))
            for (view, rewarded), reward in block.groupby(["view", "rewarded"], sort=False):
                values = reward.set_index("language").reindex(languages)
                pairs = values[["accuracy", "se"]].to_numpy(float)
                cells = ["" if value != value else f"{100 * value:.1f} ± {100 * error:.1f}"
                         for value, error in pairs]  # fmt: skip
                mean = f"{100 * values['accuracy'].mean():.1f}"
                parts.append(line([f"{rewarded} ({view})", *cells, mean]))
            parts.append("")
    listed = [*(f"- {remark}" for remark in remarks), ""] if remarks else []
    return "\n".join(["# Share of triples whose chosen response has more reward, in percent", "",
                      *parts, *listed])  # fmt: skip


def line(cells: list[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |"
