"""The story of a run, in order: what is shown, and what is said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.prompts.languages import ENGLISH_NAMES
from icr.report import bills, examples, overview, pairs, sources
from icr.report.captions import FIGURES, INTRODUCTIONS, MINIATURE, PAIRING, caption
from icr.report.headline import TITLE, headline
from icr.report.parts import Figure, Markdown, Opening, Part, Section, Table, number
from icr.report.results import averages, claims_table
from icr.storage.files import read_text
from icr.tables.costs import Metrics, judge_costs, stage_costs
from icr.tables.lineages import signs

FIRST = "scores"
"""The figure that opens the miniature's report."""


@dataclass(frozen=True)
class Sources:
    """What a report stands on: paths of files that the run wrote."""

    config: Mapping[str, Any]
    """The resolved configuration as plain data."""
    config_text: str
    record: Mapping[str, Any]
    """provenance.json."""
    lineages: Mapping[str, list[str]]
    """π_I, π⁰, π¹ … of each experiment."""
    pairs: pairs.Pairs
    training: Mapping[str, Mapping[str, Any]]
    metrics: Metrics
    tables: Mapping[str, Path]
    """Markdown files by the names of the tables."""
    figures: Sequence[Path]
    """PNG files."""
    answers: examples.Answers
    claims: Sequence[Mapping[str, Any]]
    """What the miniature shows of the paper's claims (icr.miniature.claims)."""
    benchmarks: Path
    gpus: Mapping[str, int]


def sections(given: Sources) -> list[Section]:
    """The chapters of the report; those without parts are left out by the renderer."""
    parts: dict[str, list[Part]] = {
        "run": [overview.main_facts(given.config),
                overview.experiments(given.config, given.lineages),
                overview.main_settings(given.config)],
        "results": [*_short(given), *_figures(given, "results"), *_tables(given)],
        "pairs": [*_figures(given, "pairs"), pairs.pair_table(given.pairs)],
        "training": _training(given),
        "examples": _answers(given),
        "pair-examples": _pair_examples(given),
        "dropped": _dropped(given),
        "noise": _noise(given),
        "costs": _costs(given),
        "sources": sources.sources(given.record, given.config_text),
    }  # fmt: skip
    words = {key: text for key, (_, text) in INTRODUCTIONS.items()}
    if any("miniature" in model["source"] for model in given.config["models"].values()):
        words["run"] += f" {MINIATURE}"
    words |= PAIRING[overview.preference(given.config["experiments"]["main"])]
    return [
        Section(key, title, words[key], parts[key]) for key, (title, _) in INTRODUCTIONS.items()
    ]


def opening(given: Sources) -> Opening | None:
    """In the miniature: how far the planted truth rises where alignment never was."""
    numbers = headline(given.claims)
    if not numbers:
        return None
    pictures = [Figure(path, *FIGURES[FIRST][1:]) for path in given.figures if path.stem == FIRST]
    return Opening(TITLE, numbers, next(iter(pictures), None))


def tiles(given: Sources) -> list[tuple[str, str]]:
    """The run in a few numbers."""
    spent = stage_costs(given.benchmarks, given.gpus)
    judges = judge_costs(given.metrics)
    gpu_hours = spent["gpu_hours"].sum()
    built = [one for by in given.pairs.values() for one in by.values()]
    languages = {language for by in given.pairs.values() for language in by}
    shown = [
        (str(len(given.config["experiments"])), "experiments"),
        (str(len(given.training)), "policies trained"),
        (str(len(languages)), "languages"),
        (f"{sum(one['responses']['all'] for one in built):,}", "responses ranked"),
        (f"{sum(one['pairs'] for one in built):,}", "preference pairs"),
        (f"{gpu_hours:,.1f}", "GPU-hours")
        if gpu_hours
        else (bills.clock(spent["cpu_hours"].sum()), "CPU time, no GPU"),
    ]
    return shown if judges.empty else [*shown, (f"${judges['price'].sum():,.2f}", "for judges")]


def training_table(training: Mapping[str, Mapping[str, Any]]) -> Table:
    """Pairs, steps and the last values of each training."""
    rows = []
    for policy, one in training.items():
        last = one.get("final", {})
        rows.append(
            [policy, str(one["pairs"]), str(one["dropped"]), str(one["steps"]),
             number(last.get("loss"), ".3f"), number(last.get("accuracy"), ".2f"),
             bills.clock(one["seconds"] / 3600)]
        )  # fmt: skip
    columns = ["policy", "pairs", "too long", "steps", "last loss", "last accuracy", "time"]
    return Table(columns, rows, "Trainings; loss and reward accuracy of the last optimizer step.")


def _figures(given: Sources, section: str) -> list[Part]:
    known = list(FIGURES)
    order = lambda path: known.index(path.stem) if path.stem in known else len(known)  # noqa: E731
    found: list[Part] = []
    for path in sorted(given.figures, key=order):
        place, text, alt = caption(path.stem)
        if place == section and not (path.stem == FIRST and headline(given.claims)):
            found.append(Figure(path, text, alt))
    return found


def _tables(given: Sources) -> list[Part]:
    return [Markdown(read_text(path), name) for name, path in given.tables.items()]


def _titles(given: Sources) -> dict[str, str]:
    """π_I, π⁰, π¹ … by the names of main's policies."""
    return signs(given.lineages["main"])


def _short(given: Sources) -> list[Part]:
    shown = averages(given.metrics, _titles(given)), claims_table(given.claims)
    return [part for part in shown if part]


def _answers(given: Sources) -> list[Part]:
    return [*examples.side_by_side(given.answers, _titles(given), _names(given))]


def _pair_examples(given: Sources) -> list[Part]:
    first = next(iter(given.pairs.values()), {})
    return [*pairs.pair_examples(first, _names(given))]


def _names(given: Sources) -> dict[str, str]:
    return {la: ENGLISH_NAMES[la] for la in given.config["experiments"]["main"]["languages"]}


def _training(given: Sources) -> list[Part]:
    if not given.training:
        return []
    return [*_figures(given, "training"), training_table(given.training)]


def _noise(given: Sources) -> list[Part]:
    table = pairs.noise_table(given.pairs)
    return [table] if table.rows else []


def _dropped(given: Sources) -> list[Part]:
    rows = []
    for (evaluation, policy, language), one in given.metrics.items():
        lost = {**(one.get("unjudged") or {})}
        if one.get("unparsed"):
            lost["no verdict in the judge's answer"] = one["unparsed"]
        rows += [[evaluation, policy, language, reason, str(n)] for reason, n in lost.items() if n]
    found: list[Part] = [pairs.dropped_table(given.pairs, given.training)]
    if rows:
        columns = ["evaluation", "policy", "language", "reason", "answers"]
        found.append(Table(columns, rows, "Answers that no judge's verdict counts for."))
    return found


def _costs(given: Sources) -> list[Part]:
    bill = bills.judge_table(judge_costs(given.metrics))
    spent = bills.stage_table(stage_costs(given.benchmarks, given.gpus))
    return [*_figures(given, "costs"), spent, *([bill] if bill else [])]
