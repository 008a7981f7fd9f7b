"""The run's summary as Markdown: what was paired and trained, what it cost, a few examples."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

Row = Mapping[str, Any]

CAPTIONS = {
    "scores": "Score of each policy by the world's oracle, on questions kept out of training.",
    "alpha": "Mean length difference of chosen and rejected against the penalty α.",
    "rewards": "Implicit rewards of all responses by language.",
    "training": "Training curves.",
}


def summary(
    run: str,
    pairs: Mapping[str, Mapping[str, Row]],
    training: Mapping[str, Row],
    figures: Sequence[str],
    seconds: pd.DataFrame,
) -> str:
    """Markdown text.

    ``pairs`` holds the summaries of pair building by policy and language, ``training`` those of
    training by policy, ``figures`` paths relative to the text, ``seconds`` one row a rule.
    """
    order = {name: place for place, name in enumerate(CAPTIONS)}
    images = sorted(figures, key=lambda path: order.get(Path(path).stem, len(order)))
    drawn = [f"![{CAPTIONS.get(Path(path).stem, '')}]({path})\n" for path in images]
    captioned = [f"{image}\n*{CAPTIONS.get(Path(p).stem, '')}*\n" for image, p in zip(
        drawn, images, strict=True)]  # fmt: skip
    return "\n".join(
        [
            f"# Run `{run}`\n",
            *captioned,
            "## Pairs\n",
            "α in reward per character; lengths in characters; the noise floor is what numerics "
            "add to a reward, to be read beside the spread of rewards within a prompt.\n",
            _pair_table(pairs),
            "\n## Training\n",
            _training_table(training),
            "\n## Example pairs\n",
            *_examples(pairs),
            "## Time\n",
            seconds.to_markdown(index=False, floatfmt=".0f"),
            "",
        ]
    )


def benchmark_seconds(folder: str | Path) -> pd.DataFrame:
    """Jobs and seconds of each stage, from Snakemake's benchmark files: stage, jobs, seconds."""
    rows = [
        {"stage": path.relative_to(folder).parts[0], "seconds": pd.read_csv(path, sep="\t")["s"][0]}
        for path in Path(folder).rglob("*.tsv")
    ]
    table = pd.DataFrame(rows, columns=["stage", "seconds"])
    grouped = table.groupby("stage")["seconds"].agg(["size", "sum"]).reset_index()
    return grouped.rename(columns={"size": "jobs", "sum": "seconds"})


def _pair_table(pairs: Mapping[str, Mapping[str, Row]]) -> str:
    rows = []
    for policy, languages in pairs.items():
        for language, one in languages.items():
            responses = one["responses"]
            dropped = {k.replace("_", " "): v for k, v in one["dropped"].items() if v}
            rows.append(
                {
                    "policy": policy,
                    "language": language,
                    "α": f"{one['alpha']['value']:.4g}",
                    "length difference without → with": (
                        f"{one['alpha']['difference_without']:+.1f} → "
                        f"{one['alpha']['difference']:+.1f}"
                    ),
                    "pairs": f"{one['pairs']} of {one['prompts']}",
                    "dropped": ", ".join(f"{v} {k}" for k, v in dropped.items()) or "–",
                    "in language": f"{responses['in_language'] / responses['all']:.0%}",
                    "cut": f"{responses['cut'] / responses['all']:.0%}",
                    "reward spread": f"{one['reward_spread']:.3g}",
                    "noise floor": _number(one["noise_floor"]),
                }
            )
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True)


def _training_table(training: Mapping[str, Row]) -> str:
    columns = {
        "pairs": "pairs",
        "dropped": "too long",
        "steps": "steps",
        "loss": "last loss",
        "accuracy": "last accuracy",
        "seconds": "seconds",
    }
    rows = []
    for policy, one in training.items():
        values = {**one, **one.get("final", {})}
        rows.append({"policy": policy, **{v: values.get(k) for k, v in columns.items()}})
    return pd.DataFrame(rows).to_markdown(index=False, floatfmt=".4g")


def _examples(pairs: Mapping[str, Mapping[str, Row]]) -> list[str]:
    """A typical pair of each language of the first policy."""
    policy = next(iter(pairs))
    lines = [f"The pair whose reward margin is the median of its language, `{policy}`.\n"]
    for language, one in pairs[policy].items():
        pair = one["examples"][0]
        lines += [
            f"**{language}** {_short(pair['prompt'])}\n",
            f"- chosen ({pair['chosen_reward']:+.3f}): {_short(pair['chosen'])}",
            f"- rejected ({pair['rejected_reward']:+.3f}): {_short(pair['rejected'])}\n",
        ]
    return lines


def _short(text: str, limit: int = 240) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit] + " …"


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2g}"
