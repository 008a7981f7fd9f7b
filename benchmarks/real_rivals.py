"""Print the numbers of docs/real-rivals.md from the results of config/real-rivals.yaml."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

RUN = Path("results/real-rivals")
ROWS = {
    "main": "ICR, R_c",
    "croco": "CroCo, in-language",
    "croco-pooled": "CroCo, pooled",
    "lacomsa": "LaCoMSA",
}
LANGUAGES = ("en", "es", "de")


def files(ending):
    """The pair files of an ending by (row, language), of those that exist."""
    return {
        (row, language): path
        for row in ROWS
        for language in LANGUAGES
        if (path := RUN / f"pairs/{row}-1/{language}{ending}").exists()
    }


def pair_table():
    """What the pairs of each row and language are like."""
    rows = []
    for (row, language), path in files(".json").items():
        summary = json.loads(path.read_text(encoding="utf-8"))
        pairs = pd.read_parquet(path.with_suffix(".parquet"))
        shares = summary.get("shares") or {}
        length = (pairs["chosen_length"] - pairs["rejected_length"]).mean()
        rows.append(
            {
                "pairs of": ROWS[row],
                "language": language,
                "pairs": len(pairs),
                "discarded": sum(summary["dropped"].values()),
                "chosen − rejected, characters": f"{length:+.1f}" if len(pairs) else "",
                "chosen in the language": _share(pairs["chosen_language"] == language),
                "rejected in the language": _share(pairs["rejected_language"] == language),
                **{name: f"{100 * share:.0f}%" for name, share in shares.items()},
            }
        )
    return pd.DataFrame(rows).fillna("")


def rewards(language):
    """The rewards of the same responses, one column per row of the configuration."""
    columns = {}
    for (row, of), path in files(".responses.parquet").items():
        if of != language or row == "croco-pooled":  # the same rewards as croco's
            continue
        table = pd.read_parquet(path).set_index(["id", "index"])
        columns[ROWS[row]] = table["reward"]
        if row == "main":
            columns |= {"ICR, with α": table["adjusted"], "length": table["length"]}
    return pd.DataFrame(columns)


def agreement_table():
    """How two rewards rank the responses to a prompt: correlation, and the same best response."""
    rows = []
    for language in LANGUAGES:
        table = rewards(language)
        for first, second in itertools.combinations(table, 2):
            both = table[[first, second]].groupby("id")
            rho = both.apply(lambda part: _spearman(*part.to_numpy().T)).dropna()
            same = both.apply(lambda part: part.iloc[:, 0].argmax() == part.iloc[:, 1].argmax())
            rows.append(
                {
                    "language": language,
                    "rewards": f"{first}; {second}",
                    "rank correlation": f"{rho.mean():+.2f} ± {rho.sem():.2f}",
                    "same best": f"{same.sum()} of {len(same)}",
                }
            )
    return pd.DataFrame(rows)


def accuracy_table():
    """Accuracies on the triples by view, reward, language and subset, in percent."""
    rows = []
    for path in sorted(RUN.glob("rewardbench/*/*/*/metrics.json")):
        view, rewarded, language = path.parts[-4:-1]
        metrics = json.loads(path.read_text(encoding="utf-8"))
        parts = {"all": metrics, **metrics["subsets"]}
        rows += [
            {
                "reward": f"{rewarded} ({view})",
                "language": language,
                "subset": subset,
                "accuracy": f"{100 * part['accuracy']:.1f} ± {100 * part['se']:.1f}",
                "triples": part["triples"],
            }
            for subset, part in parts.items()
        ]
    table = pd.DataFrame(rows).set_index(["subset", "reward", "triples", "language"])["accuracy"]
    return table.unstack().reset_index()


def examples(prompts=2):
    """The pairs of the first prompts, as text."""
    parts = []
    for (row, language), path in files(".parquet").items():
        for pair in pd.read_parquet(path).head(prompts).to_dict("records"):
            parts += [
                f"[{ROWS[row]}, {language}] {pair['prompt']}",
                f"  + {pair['chosen_reward']:.3f} {pair['chosen']!r}",
                f"  − {pair['rejected_reward']:.3f} {pair['rejected']!r}",
            ]
    return "\n".join(parts)


def _spearman(first, second):
    """The rank correlation of two rewards of the same responses; NaN if one is constant."""
    ranks = [pd.Series(values).rank() for values in (first, second)]
    return ranks[0].corr(ranks[1]) if min(rank.std() for rank in ranks) > 0 else np.nan


def _share(mask):
    return f"{mask.mean():.0%}" if len(mask) else ""


def markdown(table):
    """A table in Markdown."""
    rows = [table.columns, ["---"] * table.shape[1], *table.astype(str).to_numpy()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main():
    """Print all tables, then examples, as sections of a page."""
    for head, table in {
        "Pairs": pair_table,
        "Agreement of the rewards": agreement_table,
        "Accuracy on preference pairs": accuracy_table,
    }.items():
        print(f"## {head}\n\n{markdown(table())}")
    print(f"## Examples\n\n```text\n{examples()}\n```")


if __name__ == "__main__":
    main()
