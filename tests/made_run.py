"""Synthetic inputs of a report: small, but with everything that can break a page."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from icr.config import load_config
from icr.figures.pairs import alpha_curves, reward_distributions
from icr.figures.style import save
from icr.report.content import ReportInputs
from icr.report.examples import answers_of
from icr.report.overview import Preference
from icr.storage.files import read_yaml
from icr.storage.project import ROOT
from icr.workflow.study import Study

REPORTING = Study(load_config(read_yaml(ROOT / "config/demo.yaml"))).reporting
LANGUAGES = ["en", "es", "ru", "de", "th"]
WORDS = {"en": "eight legs", "es": "ocho patas", "ru": "восемь ног", "de": "acht Beine",
         "th": "แมงมุมมีแปดขา"}  # fmt: skip
HOSTILE = '<script src="https://example.org/x.js"></script><img src="https://example.org/p.png">'
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitän" * 6

REMARK = "Judged by gpt-4-turbo."


def row(label, numbers, **more):
    """A row of a table as the report reads it: ours and the interval, or the paper's alone."""
    ours = more.get("ours", True)
    kinds = [("", numbers), ("95 %", ["1.0–99.0"] * len(numbers))] if ours else []
    kinds.append(("paper", ["9.99"] * len(numbers)))
    lines = [{"kind": kind, "cells": [[text, []] for text in texts]} for kind, texts in kinds]
    if note := more.get("note"):
        lines[-1]["cells"][0][1].append(note)
    return {"label": label, "ours": ours, "lines": lines}


def made_table(number, title, ours=True, rows=3):
    """A wide table with the averages first, of which the run has ``rows`` rows or none."""
    columns = [column for column in ("Avg", *LANGUAGES) for _ in range(2)]
    numbers = [f"{n}.25" for n in range(len(columns))]
    labels = ["π⁰", *(f"Iteration {n}" for n in range(1, rows))]
    own = [row(label, numbers, note=1) for label in labels] if ours else []
    paper = [row(f"{HOSTILE} {n} – not in this run", numbers, ours=False) for n in range(2)]
    return {
        "name": number,
        "title": title,
        "caption": "Length-controlled and plain.",
        "heads": [columns, ["LC", "WR"] * (len(columns) // 2)],
        "sections": [{"title": "Cross-lingual implicit rewarding", "rows": own + paper}],
        "notes": ["the paper prints another average"],
        "remarks": [REMARK, f"Remark on {number}."],
    }


def pair_summary(language, seed):
    """A pair summary as icr.pairing.summary writes it."""
    random = np.random.default_rng(seed)
    chosen = f"{WORDS[language]}. {HOSTILE if language == 'en' else UNBROKEN}"
    return {
        "language": language,
        "alpha": {"mode": "exact", "value": 0.0021, "difference": 0.02,
                  "difference_without": 31.5,
                  "curve": [[x / 1000, 30 - 10 * x] for x in range(7)]},
        "prompts": 80,
        "pairs": 77,
        "dropped": {"too_few_responses": 1, "identical": 2, "upper_bound": 0},
        "responses": {"all": 800, "taking_part": 797, "empty": 3, "cut": 9, "in_language": 790,
                      "mean_length": 40.0 + seed},
        "reward_spread": 0.31,
        "noise_floor": None if language == "th" else 2.1e-6,
        "reward_quantiles": sorted(random.normal(0, 0.3, 41)),
        "chosen_length": 44.0,
        "rejected_length": 44.1,
        "examples": [{"id": "a", "prompt": f"? {WORDS[language]}", "chosen": chosen,
                      "rejected": "", "chosen_reward": 0.4, "rejected_reward": -0.3}],
    }  # fmt: skip


def experiment(**changes):
    """An experiment with all settings of the configuration."""
    return {
        "start": "base-dpo", "reference": "base-sft", "languages": LANGUAGES,
        "prompts": {"set": "mine", "count": 80}, "reward": {"view": "crosslingual", "beta": 0.1},
        "length_penalty": {"mode": "exact"}, "pairs": {"method": "reward"}, "iterations": 2,
        **changes,
    }  # fmt: skip


def made_run(folder: Path, evaluated=True) -> ReportInputs:
    """Write the small files of a run below ``folder`` and return the report's inputs."""
    pairs = {
        policy: {la: pair_summary(la, seed) for seed, la in enumerate(LANGUAGES)}
        for policy in ("main-1", "main-2", "no-length-penalty-1")
    }
    figures = [folder / "alpha.png", folder / "rewards.png"]
    summaries = {(p, la): summary for p, rows in pairs.items() for la, summary in rows.items()}
    save(alpha_curves(summaries), [str(figures[0])])
    save(reward_distributions(summaries), [str(figures[1])])
    for stage, seconds in (("samples", 7200.0), ("training", 95.0)):
        path = folder / f"benchmarks/{stage}/main-1/0000.tsv"
        path.parent.mkdir(parents=True)
        row = {"s": seconds, "max_rss": 2048.0, "cpu_time": seconds / 2}
        pd.DataFrame([row]).to_csv(path, sep="\t", index=False)
    tables = [made_table(2, "Win rates"), made_table(5, "Others", ours=False)]
    answers: dict = {}
    for policy in ("base-dpo", "main-1", "main-2"):
        for la in LANGUAGES:
            path = folder / f"{policy}-{la}.json"
            rows = [{"instruction": f"{WORDS[la]} {n}?", "output": f"{WORDS[la]} {policy} {n}"}
                    for n in range(9)]  # fmt: skip
            path.write_text(json.dumps(rows), encoding="utf-8")
            answers.setdefault(policy, {})[la] = answers_of(path, la)
    training = {
        policy: {"pairs": 385, "dropped": 4, "steps": 13, "seconds": 9.0,
                 "final": {"loss": 1.2, "accuracy": 0.7}, "settings": {}, "versions": {}}
        for policy in pairs
    }  # fmt: skip
    metric = {"tokens": {"input": 120_000, "output": 805}, "price": 1.25, "judge": "gpt-4-turbo",
              "unjudged": {"neither answer named": 2}, "win_rate": 21.0}  # fmt: skip
    return ReportInputs(
        config={
            "run": "made", "sampling": {"n": 10},
            "models": {"base-sft": {"source": {"hub": "a/b"}}},
            "experiments": {"main": experiment(),
                            "no-length-penalty": experiment(length_penalty={"mode": "none"})},
        },
        config_text="run: made\n" + "# " + "x" * 300 + "\n",
        record={
            "run": "made", "finished": "2026-01-02T03:04:05+00:00", "seed": 1,
            "project": {"commit": "0" * 40, "changed": True}, "system": "Linux",
            "environments": {"envs/local.txt": "ab" * 32}, "packages": {"python": "3.11.7"},
            "models": {"base-sft": {"folder": "x", "source": {"hub": "a/b", "revision": "main"},
                                    "commit": "1" * 40, "parameters": 8_030_000_000}},
            "policies": {}, "data": {"resources/prompts/mine/en.jsonl": "2" * 40},
        },
        lineages={"main": ["base-sft", "base-dpo", "main-1", "main-2"],
                  "no-length-penalty": ["base-sft", "base-dpo", "no-length-penalty-1"]},
        pairs=pairs,
        training=training,
        metrics={("xalpacaeval", "main-1", "es"): metric} if evaluated else {},
        tables=tables if evaluated else [],
        figures=figures,
        claims=[{"claim": "One iteration improves on π⁰", "measure": "win_rate", "planted": True,
                 "policies": ["main-1", "base-dpo"], "value": 0.55, "error": 0.01,
                 "verdict": "shown"}] if evaluated else [],
        answers=answers if evaluated else {},
        benchmarks=folder / "benchmarks",
        failures=folder / "logs/failures.jsonl",
        gpus={"samples": 2} if evaluated else {},
        preference=Preference(**REPORTING.preference()),
        averages=REPORTING.averages(),
        captions=REPORTING.captions(),
    )  # fmt: skip
