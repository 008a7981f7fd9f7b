"""What enters no result, and is no part of a fingerprint.

A module stands here only if a result cannot tell one correct version of it from another: it
tells, it keeps, or it moves. It leans on no module of the method. What computes belongs elsewhere.
tests/unit/test_exempt.py holds the same list, with every definition of these modules that jobs
come to, so that a new one is looked at before it is exempt.
"""

MODULES = {
    "icr.errors": "the kind of the errors that users read",
    "icr.registry": "finds a method by its name",
    "icr.extensions": "imports the files of one's own methods",
    "icr.storage.progress": "prints how far a job is",
    "icr.storage.logs": "sends what a job prints to its log",
    "icr.storage.files": "reads files, and writes them whole",
    "icr.storage.schemas.checks": "refuses to write what its schema does not declare",
    "icr.storage.schemas.responses": "declares tables, which are checked and not computed by it",
    "icr.storage.schemas.pairs": "declares tables, which are checked and not computed by it",
    "icr.storage.schemas.training": "declares files, which are checked and not computed by it",
    "icr.storage.schemas.evaluation": "declares files, which are checked and not computed by it",
    "icr.storage.resumable": "keeps finished pieces across kills",
    "icr.storage.origins": "records beside a fetched file where it came from",
    "icr.storage.project": "reads the versions of this project and of packages, for records",
    "icr.storage.processes": "ends processes with those that started them, finds a free port",
    "icr.models.gpus": "refuses to start without the GPUs that a job holds",
    "icr.training.card": "writes the model card",
    "icr.training.checkpoints": "when a training saves, and from which save it goes on",
}
"""Modules, with the reason."""

TELLING = {"icr.storage.progress", "icr.storage.logs"}
"""Modules whose callers only tell: the text of these calls is a message too."""

SETTINGS = {
    "icr.sampling.english.Draws",
    "icr.judging.settings.JudgeSettings",
    "icr.pairing.answers.AnswerSettings",
    "icr.miniature.corpus.Shares",
    "icr.miniature.sft.SftSettings",
    "icr.pairing.pairs.PairSettings",
    "icr.sampling.interface.BackendOptions",
    "icr.sampling.interface.SamplingSettings",
    "icr.training.settings.TrainingSettings",
}
"""Dataclasses that are filled from a job's parameters, which are compared by themselves. A field
with a default counts once some code reads it by its name: until then it decides nothing."""
