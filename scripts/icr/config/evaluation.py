"""Evaluations: each runs if its section is there."""

from icr.config.base import Section
from icr.config.mtbench import MtBench, RewardAccuracy
from icr.config.nlp import Nlp
from icr.config.xalpacaeval import XAlpacaEval


class Evaluation(Section):
    """What the policies are measured on."""

    xalpacaeval: XAlpacaEval | None = None
    nlp: Nlp | None = None
    mtbench: MtBench | None = None
    reward_accuracy: RewardAccuracy | None = None
