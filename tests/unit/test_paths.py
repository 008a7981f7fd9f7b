"""Paths of results and resources, which one file defines."""

import re
from pathlib import Path

import pytest

from icr.workflow.paths import Paths, Pattern

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = {name: path for name, path in vars(Paths).items() if isinstance(path, Pattern)}


def test_a_path_keeps_its_wildcards_until_it_is_formatted():
    paths = Paths("demo")
    assert paths.pairs == "results/demo/pairs/{policy}/{language}.parquet"
    assert paths.pairs.format(policy="main-1", language="es") == (
        "results/demo/pairs/main-1/es.parquet"
    )
    with pytest.raises(AttributeError):
        paths.pears  # noqa: B018
    with pytest.raises(KeyError):
        paths.pairs.format(policy="main-1", langauge="es")


def test_logs_and_benchmarks_follow_the_path_of_the_output():
    paths = Paths("my.run-1")
    assert paths.log(paths.pair_summary) == "results/my.run-1/logs/pairs/{policy}/{language}.log"
    assert paths.log(paths.made_model) == "results/my.run-1/logs/models/{policy}.log"
    assert paths.log(paths.length_table) == "resources/logs/length-table/my.run-1.log"
    assert paths.log("nlp/{policy}/{language}.metrics") == (
        "results/my.run-1/logs/nlp/{policy}/{language}.metrics.log"
    )
    assert paths.benchmark(paths.greedy).startswith("results/my.run-1/benchmarks/greedy/")
    assert paths.benchmark("mtbench/{policy}/grading").endswith("/mtbench/{policy}/grading.tsv")


def test_no_two_names_mean_the_same_file():
    texts = [pattern.text for pattern in PATTERNS.values()]
    assert len(set(texts)) == len(texts)


def test_every_path_is_used():
    used = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("rules", "scripts")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".smk", ".py")
    )
    unused = [name for name in PATTERNS if not re.search(rf"paths\.{name}\b|self\.{name}\b", used)]
    assert unused == []


def test_rules_spell_no_path_of_results_or_resources():
    for file in (ROOT / "rules").glob("*.smk"):
        for line in file.read_text(encoding="utf-8").splitlines():
            quoted = re.findall(r"\"(results/|resources/)[^\"]*\.(?:json|jsonl|csv|parquet)", line)
            assert not quoted, f"{file.name}: {line.strip()}"
