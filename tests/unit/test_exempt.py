"""Code that is exempt from fingerprints: a change of it reruns nothing.

Before you add a name to this list, ask whether two correct versions of it can give different
results. If so, it belongs in a module that is not exempt.
"""

import ast
import dataclasses
import importlib

import pytest

from icr.workflow.fingerprint import LIBRARY, exempt, exempted
from icr.workflow.fingerprint.modules import imported

USED = {
    "icr.errors": ["InputError"],
    "icr.extensions": ["extension_files", "load_extensions"],
    "icr.registry": ["Registry"],
    "icr": [],
    "icr.storage.files": [
        "atomic_write", "read_csv", "read_json", "read_jsonl", "read_table", "read_text",
        "read_yaml", "write_csv", "write_json", "write_jsonl", "write_parquet",
    ],
    "icr.storage.schemas.checks": [],  # only exempt modules use it
    "icr.storage.schemas.responses": [
        "ANSWERS", "DECISION", "HIDDEN_STATES", "LOGPROBS", "NATURAL_REWARDS", "SAMPLES",
        "TRANSLATIONS",
    ],
    "icr.storage.schemas.pairs": [
        "ENGLISH_PAIRS", "LIDR_PAIRS", "LIDR_SUMMARY", "PAIRS", "PAIR_SUMMARY", "RESPONSES",
    ],
    "icr.storage.schemas.training": ["CURVES", "SUMMARY"],
    "icr.storage.schemas.evaluation.judging": [],  # only exempt modules use it
    "icr.storage.schemas.evaluation.xalpacaeval": [
        "XALPACAEVAL_ANNOTATIONS", "XALPACAEVAL_DRAWS", "XALPACAEVAL_JUDGING",
        "XALPACAEVAL_METRICS", "XALPACAEVAL_OUTPUTS", "XALPACAEVAL_QUESTIONS",
    ],
    "icr.storage.schemas.evaluation.mtbench": [
        "MTBENCH_ANSWERS", "MTBENCH_METRICS", "MTBENCH_QUESTIONS", "MTBENCH_VERDICTS",
    ],
    "icr.storage.schemas.evaluation.reward_accuracy": [
        "REWARD_ACCURACY_METRICS", "REWARD_ACCURACY_PAIRS",
    ],
    "icr.storage.schemas.evaluation.own": ["OWN_METRICS", "OWN_QUESTIONS", "OWN_VERDICTS"],
    "icr.storage.schemas.evaluation.nlp": ["NLP_METRICS", "NLP_SCORES"],
    "icr.storage.schemas.evaluation.oracle": ["ORACLE_SCORES"],
    "icr.storage.schemas.preferences": [
        "ACCURACY", "ACCURACY_TABLE", "PREFERENCES", "REPRESENTATION", "REPRESENTATION_TRIPLES",
        "SCORES", "SHIFTS", "STATES", "TRIPLES",
    ],
    "icr.storage.resumable": [
        "compute_as_finished", "compute_resumable", "identity", "remove_work", "work_folder",
    ],
    "icr.models.gpus": ["require_gpus"],
    "icr.storage.logs": [],  # fingerprints ignore calls of log_to
    "icr.storage.origins": ["record_origin"],
    "icr.storage.progress": ["Progress"],
    "icr.storage.processes": ["end_with_parent", "free_port"],
    "icr.storage.project": ["ROOT", "project_state", "state_line", "versions"],
    "icr.training.card": ["model_card", "reward_model_card"],
    "icr.training.checkpoints": ["TimedCheckpoints", "completed", "newest_checkpoint"],
}  # fmt: skip
"""Exempt modules, with those of their definitions that jobs reach."""

NEUTRAL = {"icr.storage.text", "icr.workflow.fingerprint"}
"""Modules that exempt modules may use in addition to each other."""


def test_the_exempt_modules_are_listed_here():
    assert exempt.MODULES.keys() == USED.keys()
    assert all(exempt.MODULES.values()), "every module needs a reason"
    assert exempt.MODULES.keys() >= exempt.TELLING


def test_jobs_reach_only_the_exempt_definitions_listed_here():
    reached = {module: set() for module in USED}
    for script in LIBRARY.parent.glob("*.py"):
        if script.stem in ("by_hand", "plan", "reruns"):
            continue  # it makes no result
        for name in exempted(script):
            module, _, definition = name.rpartition(".")
            reached[module].add(definition)
    assert {module: sorted(names) for module, names in reached.items()} == USED


@pytest.mark.parametrize("name", exempt.MODULES)
def test_an_exempt_module_imports_only_exempt_modules(name):
    path = LIBRARY.joinpath(*name.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    used = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("icr"):
            used.add(node.module)
        assert not any(target.startswith("icr.") for target in _whole(node))
    assert used <= exempt.MODULES.keys() | NEUTRAL


def _whole(node):
    return imported(node, "icr")[1] if isinstance(node, ast.Import) else ()


@pytest.mark.parametrize("name", sorted(exempt.SETTINGS))
def test_settings_are_dataclasses_without_hidden_defaults(name):
    """Fingerprints find the fields that code reads by their names."""
    module, _, kind = name.rpartition(".")
    settings = getattr(importlib.import_module(module), kind)
    assert dataclasses.is_dataclass(settings) and settings.__dataclass_params__.frozen
