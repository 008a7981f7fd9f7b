"""Evaluations: each runs if the configuration has its section."""

from icr.config.base import Section
from icr.config.mtbench import MtBench, RewardAccuracy
from icr.config.nlp import Nlp
from icr.config.xalpacaeval import XAlpacaEval


class Evaluation(Section):
    """The evaluations of the policies."""

    xalpacaeval: XAlpacaEval | None = None
    nlp: Nlp | None = None
    mtbench: MtBench | None = None
    reward_accuracy: RewardAccuracy | None = None
