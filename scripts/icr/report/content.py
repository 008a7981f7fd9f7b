"""The report's content: which elements each section shows, built from the run's files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from icr.prompts.languages import english_name
from icr.report import cost_tables, examples, overview, pair_tables
from icr.report.captions import (
    FIGURES,
    INTRODUCTIONS,
    MINIATURE,
    UNREWARDED_EXAMPLES,
    caption,
    captions,
)
from icr.report.elements import Element, Examples, Figure, Opening, Section, Table, number
from icr.report.findings import Numbers, finding
from icr.report.headline import TITLE, headline
from icr.report.provenance_tables import provenance_elements
from icr.report.result_pages import headline_table, result_tables
from icr.report.result_tables import averages, claims_table, rewardbench_table
from icr.storage.files import read_jsonl
from icr.tables.costs import Metrics, judge_costs, stage_costs
from icr.tables.lineages import signs

OPENING = "scores"
"""The figure at the top of the miniature's report."""


@dataclass(frozen=True)
class ReportInputs:
    """What the report is built from: contents and paths of files that the run wrote."""

    config: Mapping[str, Any]
    """The resolved configuration as plain data."""
    config_text: str
    record: Mapping[str, Any]
    """provenance.json."""
    lineages: Mapping[str, list[str]]
    """π_I, π⁰, π¹ … of each experiment."""
    preference: overview.Preference
    """How main's pairs are made."""
    pairs: pair_tables.Pairs
    training: Mapping[str, Mapping[str, Any]]
    """Training summaries by policy."""
    metrics: Metrics
    tables: Sequence[Mapping[str, Any]]
    """The run's tables (icr.tables.page.page_table)."""
    figures: Sequence[Path]
    """PNG files."""
    answers: examples.Answers
    claims: Sequence[Mapping[str, Any]]
    """The paper's claims as the miniature decides them (icr.miniature.claims)."""
    benchmarks: Path
    """Folder of Snakemake's benchmark files."""
    failures: Path
    """Failed SLURM jobs (icr.storage.schemas.jobs.FAILURES); missing where none failed."""
    gpus: Mapping[str, int]
    """GPUs per job (icr.tables.costs.stage_costs)."""
    averages: Sequence[Mapping[str, Any]]
    """Columns of the summary (icr.report.result_tables.averages)."""
    captions: Mapping[str, Sequence[str]]
    """Caption and alternative text of the judged benchmarks' figures."""
    points: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """CSV files of figures, by the figure's name."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels of rows, by the names of the paper's figures."""
    gloss: Callable[[str, str], str | None] = lambda text, language: None
    """A text in English, given its language, where a translation is known."""

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Costs by stage."""
        return stage_costs(self.benchmarks, self.gpus)

    @property
    def titles(self) -> dict[str, str]:
        """π_I, π⁰, π¹ … by the names of main's policies."""
        return signs(self.lineages["main"])

    @property
    def numbers(self) -> Numbers:
        """The numbers behind the figures."""
        return Numbers(
            self.titles,
            self.metrics,
            self.pairs,
            self.training,
            self.costs,
            self.points,
            self.labels,
        )


def sections(inputs: ReportInputs) -> list[Section]:
    """The sections of the report, including those without elements."""
    elements: dict[str, list[Element]] = {
        "results": [*_summary(inputs), *_figures(inputs, "results")],
        "run": [overview.main_facts(inputs.config, inputs.preference),
                overview.experiments(inputs.config, inputs.lineages),
                overview.main_settings(inputs.config)],
        "tables": [*result_tables(inputs.tables)],
        "pairs": [*_figures(inputs, "pairs"), pair_tables.pair_table(inputs.pairs)],
        "training": _training(inputs),
        "examples": _answers(inputs),
        "pair-examples": _pair_examples(inputs),
        "discarded": _discarded(inputs),
        "noise": _noise(inputs),
        "costs": _costs(inputs),
        "provenance": provenance_elements(inputs.record, inputs.config_text),
    }  # fmt: skip
    texts = {key: text for key, (_, text) in INTRODUCTIONS.items()}
    if any("miniature" in model["source"] for model in inputs.config["models"].values()):
        texts["run"] += f" {MINIATURE}"
    texts["pairs"] = inputs.preference.text
    if not inputs.preference.reward:
        texts["pair-examples"] = UNREWARDED_EXAMPLES
    return [
        Section(key, title, texts[key], elements[key]) for key, (title, _) in INTRODUCTIONS.items()
    ]


def opening(inputs: ReportInputs) -> Opening | None:
    """The miniature's headline numbers and their figure; None for other runs."""
    numbers = headline(inputs.claims)
    if not numbers:
        return None
    sentence = finding(OPENING, inputs.numbers)
    figures = [
        Figure(path, *FIGURES[OPENING][1:], sentence)
        for path in inputs.figures
        if path.stem == OPENING
    ]
    return Opening(TITLE, numbers, next(iter(figures), None))


def tiles(inputs: ReportInputs) -> list[tuple[str, str]]:
    """The run in a few numbers, each with its label."""
    stages = inputs.costs
    judges = judge_costs(inputs.metrics)
    gpu_hours = stages["gpu_hours"].sum()
    summaries = [summary for summaries in inputs.pairs.values() for summary in summaries.values()]
    languages = {language for summaries in inputs.pairs.values() for language in summaries}
    numbers = [
        (str(len(inputs.config["experiments"])), "experiments"),
        (str(len(inputs.training)), "policies trained"),
        (str(len(languages)), "languages"),
        (f"{sum(summary['responses']['all'] for summary in summaries):,}", "responses ranked"),
        (f"{sum(summary['pairs'] for summary in summaries):,}", "preference pairs"),
        (f"{gpu_hours:,.1f}", "GPU-hours")
        if gpu_hours
        else (cost_tables.clock(stages["cpu_hours"].sum()), "CPU time, no GPU"),
    ]
    if judges.empty:
        return numbers
    return [*numbers, (f"${judges['price'].sum():,.2f}", "for judges")]


def training_table(training: Mapping[str, Mapping[str, Any]]) -> Table:
    """Pairs, steps and final values of each training."""
    rows = []
    for policy, summary in training.items():
        final = summary.get("final", {})
        rows.append(
            [policy, str(summary["pairs"]), str(summary["dropped"]), str(summary["steps"]),
             number(final.get("loss"), ".3f"), number(final.get("accuracy"), ".2f"),
             cost_tables.clock(summary["seconds"] / 3600)]
        )  # fmt: skip
    columns = ["policy", "pairs", "too long", "steps", "final loss", "final accuracy", "time"]
    caption = "Trainings. The loss and the reward accuracy are those of the last optimizer step."
    return Table(columns, rows, caption)


def _figures(inputs: ReportInputs, section: str) -> list[Element]:
    texts = captions(inputs.captions)
    known = list(texts)
    order = lambda path: known.index(path.stem) if path.stem in known else len(known)  # noqa: E731
    numbers = inputs.numbers
    figures: list[Element] = []
    for path in sorted(inputs.figures, key=order):
        own_section, text, alt = caption(path.stem, texts)
        if own_section == section and not (path.stem == OPENING and headline(inputs.claims)):
            figures.append(Figure(path, text, alt, finding(path.stem, numbers)))
    return figures


def _summary(inputs: ReportInputs) -> list[Element]:
    tables: list[Element | None] = [
        headline_table(inputs.tables),
        averages(inputs.metrics, inputs.titles, inputs.averages),
        claims_table(inputs.claims),
        rewardbench_table(inputs.points.get("rewardbench")),
    ]
    return [table for table in tables if table]


def _answers(inputs: ReportInputs) -> list[Element]:
    shown = examples.side_by_side(inputs.answers, inputs.titles, _language_names(inputs))
    return [_glossed(language, inputs) for language in shown]


def _pair_examples(inputs: ReportInputs) -> list[Element]:
    first = next(iter(inputs.pairs.values()), {})
    shown = pair_tables.pair_examples(first, _language_names(inputs))
    return [_glossed(language, inputs) for language in shown]


def _glossed(language: Examples, inputs: ReportInputs) -> Examples:
    """The examples with English translations of their prompts and texts."""
    texts = [text for prompt, answers in language.prompts
             for text in (prompt, *(answer.text for answer in answers))]  # fmt: skip
    glosses = {text: inputs.gloss(text, language.language) for text in texts}
    return replace(language, glosses={text: gloss for text, gloss in glosses.items() if gloss})


def _language_names(inputs: ReportInputs) -> dict[str, str]:
    return {la: english_name(la) for la in inputs.config["experiments"]["main"]["languages"]}


def _training(inputs: ReportInputs) -> list[Element]:
    if not inputs.training:
        return []
    return [*_figures(inputs, "training"), training_table(inputs.training)]


def _noise(inputs: ReportInputs) -> list[Element]:
    noise = pair_tables.noise_table(inputs.pairs)
    arithmetic = pair_tables.arithmetic_table(inputs.pairs)
    return [*([noise] if noise.rows else []), *([arithmetic] if arithmetic else [])]


def _discarded(inputs: ReportInputs) -> list[Element]:
    rows = []
    for (evaluation, policy, language), metrics in inputs.metrics.items():
        counts = {**(metrics.get("unjudged") or {})}
        if metrics.get("unparsed"):
            counts["no verdict in the judge's answer"] = metrics["unparsed"]
        rows += [
            [evaluation, policy, language, reason, str(n)] for reason, n in counts.items() if n
        ]
    tables: list[Element] = [pair_tables.discarded_table(inputs.pairs, inputs.training)]
    if shares := pair_tables.shares_table(inputs.pairs):
        tables.append(shares)
    if rows:
        columns = ["evaluation", "policy", "language", "reason", "answers"]
        tables.append(Table(columns, rows, "Answers without a verdict."))
    return tables


def _costs(inputs: ReportInputs) -> list[Element]:
    stages = cost_tables.stage_table(inputs.costs)
    judges = cost_tables.judge_table(judge_costs(inputs.metrics))
    failed = read_jsonl(inputs.failures) if inputs.failures.exists() else []
    tables = (stages, judges, cost_tables.failure_table(failed))
    return [*_figures(inputs, "costs"), *(table for table in tables if table)]
