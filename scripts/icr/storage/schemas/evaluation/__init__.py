"""Files of evaluations: answers, verdicts, and the small metric files that tables read."""

from icr.storage.schemas.evaluation.mtbench import (
    MTBENCH_ANSWERS,
    MTBENCH_METRICS,
    MTBENCH_QUESTIONS,
    MTBENCH_VERDICTS,
)
from icr.storage.schemas.evaluation.nlp import NLP_METRICS, NLP_SCORES
from icr.storage.schemas.evaluation.oracle import ORACLE_SCORES
from icr.storage.schemas.evaluation.own import OWN_METRICS, OWN_QUESTIONS, OWN_VERDICTS
from icr.storage.schemas.evaluation.reward_accuracy import (
    REWARD_ACCURACY_METRICS,
    REWARD_ACCURACY_PAIRS,
)
from icr.storage.schemas.evaluation.xalpacaeval import (
    XALPACAEVAL_ANNOTATIONS,
    XALPACAEVAL_DRAWS,
    XALPACAEVAL_JUDGING,
    XALPACAEVAL_METRICS,
    XALPACAEVAL_OUTPUTS,
    XALPACAEVAL_QUESTIONS,
)

__all__ = [
    "MTBENCH_ANSWERS",
    "MTBENCH_METRICS",
    "MTBENCH_QUESTIONS",
    "MTBENCH_VERDICTS",
    "NLP_METRICS",
    "NLP_SCORES",
    "ORACLE_SCORES",
    "OWN_METRICS",
    "OWN_QUESTIONS",
    "OWN_VERDICTS",
    "REWARD_ACCURACY_METRICS",
    "REWARD_ACCURACY_PAIRS",
    "XALPACAEVAL_ANNOTATIONS",
    "XALPACAEVAL_DRAWS",
    "XALPACAEVAL_JUDGING",
    "XALPACAEVAL_METRICS",
    "XALPACAEVAL_OUTPUTS",
    "XALPACAEVAL_QUESTIONS",
]
