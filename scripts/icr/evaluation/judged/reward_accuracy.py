"""Reward accuracy, as the workflow knows it (icr.evaluation.reward_accuracy computes it)."""

from typing import TYPE_CHECKING, ClassVar

from icr.evaluation.judged.kinds import JUDGED, Average, Judged, Requests
from icr.evaluation.measures import Measure
from icr.workflow.resources import PROMPT, SHARE

if TYPE_CHECKING:  # which imports this package
    from icr.config.mtbench import RewardAccuracy as Section


@JUDGED.register("reward-accuracy")
class RewardAccuracy(Judged):
    """How often the judge prefers the chosen response of a pair (Table 1)."""

    measures: ClassVar = {
        "reward_accuracy": Measure(
            "accuracy", None, 2, "pairs.csv", "id", "verdict", heading="accuracy"
        )
    }
    averages = (Average("reward accuracy, other languages", "accuracy", ".3f"),)
    caption = "Reward accuracy: how often the judge prefers the chosen response."
    alternative = "Bars of reward accuracy by reward and language."
    of_pairs = True

    @staticmethod
    def requests(section: "Section", sampled_tokens: int) -> Requests:
        """One request per pair, with both responses."""
        return Requests(section.pairs, 2 * PROMPT + 2 * int(sampled_tokens * SHARE), 50)
