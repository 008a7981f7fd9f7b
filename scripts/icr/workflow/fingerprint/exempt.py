"""Modules that cannot change a result, and so are left out of fingerprints.

A module belongs here only if all correct versions of it lead to the same results: it prints,
stores or moves them. It imports no module of the method and computes nothing.
tests/unit/test_exempt.py holds the same list, with every definition of these modules that jobs
use, so that a new definition is reviewed before it is exempt.
"""

_DECLARES_FILES = "declares files, which it checks but does not compute"
_DECLARES_TABLES = "declares tables, which it checks but does not compute"

MODULES = {
    "icr": "sets how often Python looks for garbage",
    "icr.errors": "the exception for errors that users read",
    "icr.registry": "looks up a method by its name",
    "icr.extensions": "imports the files of the user's own methods",
    "icr.storage.progress": "prints the progress of a job",
    "icr.storage.logs": "redirects a job's output to its log",
    "icr.storage.files": "reads files and writes them atomically",
    "icr.storage.schemas.checks": "refuses to write what a schema does not declare",
    "icr.storage.schemas.responses": _DECLARES_TABLES,
    "icr.storage.schemas.pairs": _DECLARES_TABLES,
    "icr.storage.schemas.training": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.judging": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.xalpacaeval": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.mtbench": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.reward_accuracy": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.own": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.nlp": _DECLARES_FILES,
    "icr.storage.schemas.evaluation.oracle": _DECLARES_FILES,
    "icr.storage.schemas.preferences": _DECLARES_FILES,
    "icr.storage.resumable": "keeps the finished parts of an interrupted job",
    "icr.storage.origins": "records the origin of a fetched file beside it",
    "icr.storage.project": "reads the versions of this project and of packages, for records",
    "icr.storage.processes": "ends processes together with their parents, finds a free port",
    "icr.models.gpus": "stops a job that lacks its GPUs, hides them from one that has none",
    "icr.training.card": "writes the model card",
    "icr.training.checkpoints": "saves checkpoints and finds the one to resume from",
}
"""Exempt modules, with the reason."""

TELLING = {"icr.storage.progress", "icr.storage.logs"}
"""Modules that only print: the text in calls of their definitions counts as a message too."""

SETTINGS = {
    "icr.sampling.english.Draws",
    "icr.judging.settings.JudgeSettings",
    "icr.pairing.answers.AnswerSettings",
    "icr.miniature.corpus.Shares",
    "icr.miniature.sft.SftSettings",
    "icr.pairing.selection.PairSettings",
    "icr.sampling.interface.BackendOptions",
    "icr.sampling.interface.SamplingSettings",
    "icr.training.settings.TrainingSettings",
}
"""Dataclasses that are filled from a job's parameters, which Snakemake compares anyway. A field
with a default counts only if some code reads an attribute of its name."""
