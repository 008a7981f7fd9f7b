"""The representation shift: the mean f of a reward model minus that of its base, as a table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.evaluation.rewardbench.representation import TEXTS, VARIANTS, mean_and_error
from icr.evaluation.rewardbench.table import line

HEADINGS = {"conversation": "Prompt and chosen response", "prompt": "Prompt alone"}


def shifts(
    tables: Mapping[str, pd.DataFrame],
    bases: Mapping[str, str],
    accuracies: Mapping[str, float],
) -> pd.DataFrame:
    """One row per reward model, text and variant: f of base and model, and the shift.

    ``tables`` maps models to those of
    :func:`icr.evaluation.rewardbench.representation.representation`, ``bases`` reward models to
    their bases, ``accuracies`` reward models to their mean accuracy over the languages. The
    standard error of a shift is that of the mean of the differences between paired triples.

    Raises InputError if a base and its model have different triples.
    """
    rows = []
    for model, base in bases.items():
        both = tables[base].merge(
            tables[model], on=["id", "text"], suffixes=("_base", ""), validate="one_to_one"
        )
        if not len(both) == len(tables[base]) == len(tables[model]):
            raise InputError(
                f"'{model}' and its base '{base}' have states of different triples; remove those "
                "of one and run again"
            )
        for text in TEXTS:
            part = both[both["text"] == text]
            for variant in VARIANTS:
                of_base, of_model = (part[f"{variant}{of}"].to_numpy(float) for of in ("_base", ""))
                base_f, f, shift = map(mean_and_error, (of_base, of_model, of_model - of_base))
                rows.append(
                    {
                        "model": model,
                        "base": base,
                        "text": text,
                        "variant": variant,
                        "base_f": base_f["mean"],
                        "f": f["mean"],
                        "shift": shift["mean"],
                        "base_f_se": base_f["se"],
                        "f_se": f["se"],
                        "shift_se": shift["se"],
                        "triples": len(part),
                        "accuracy": accuracies[model],
                    }
                )
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame, metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """The table for readers: a block of shifts and a block of norms per text.

    ``table`` is that of :func:`shifts`; ``metrics`` maps models, bases included, to the metrics of
    :func:`icr.evaluation.rewardbench.representation.representation`.
    """
    lines = [
        "# Representation shift of reward models",
        "",
        "f = σ₁ / Σᵢ σᵢ of the states of a text in all languages, mean ± standard error over "
        "triples.",
    ]
    names = [f"{name}, {variant}" for variant in VARIANTS for name in ("f of base", "f", "shift")]
    for text in TEXTS:
        lines += ["", f"## {HEADINGS[text]}", ""]
        lines += _head(["reward model", "base", *names, "accuracy, %"])
        of_text = table[table["text"] == text]
        for model in of_text["model"].unique().tolist():
            part = of_text[of_text["model"] == model].set_index("variant")
            by_variant: dict[Any, dict[Any, Any]] = part.to_dict("index")
            row = by_variant["raw"]
            cells = [
                f"{by_variant[variant][name]:.4f} ± {by_variant[variant][f'{name}_se']:.4f}"
                for variant in VARIANTS
                for name in ("base_f", "f", "shift")
            ]
            lines.append(line([model, row["base"], *cells, f"{100 * row['accuracy']:.1f}"]))
    for text in TEXTS:
        norms = {model: values["texts"][text]["norms"] for model, values in metrics.items()}
        languages = list(next(iter(norms.values())))
        lines += ["", f"## {HEADINGS[text]}: norm of the state, mean (standard deviation)", ""]
        lines += _head(["model", *languages])
        for model, by_language in norms.items():
            cells = [f"{v['mean']:.3g} ({v['sd']:.2g})" for v in by_language.values()]
            lines.append(line([model, *cells]))
    return "\n".join([*lines, ""])


def _head(names: list[str]) -> list[str]:
    return [line(names), line(["---"] * len(names))]
