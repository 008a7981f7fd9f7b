"""Reward models from English preferences, transferred to other languages (Hong et al.)."""

from typing import Any

from icr.systems.kinds import SYSTEMS, System


def _by_reward_models(row: Any) -> bool:
    """The natural reward, highest against lowest, without a length penalty."""
    return bool(
        row.pairs.method == "reward"
        and row.reward.view == "natural"
        and row.length_penalty.mode == "none"
    )


@SYSTEMS.register("english-rm")
class EnglishReward(System):
    """The best against the worst response by an external reward model."""

    title = "English RM"
    paper = "NAACL 2025, short paper 8, arXiv 2410.18027"
    sees = "a reward model trained on English preferences"
    differences = ("settings of sampling and training are not transcribed from the paper",)

    @staticmethod
    def makes(row: Any) -> bool:
        """One reward model for all languages."""
        return _by_reward_models(row) and not row.reward.by_language


@SYSTEMS.register("target-rm")
class TargetReward(System):
    """The same by a reward model of the prompt's language."""

    title = "Target-language RMs"
    paper = EnglishReward.paper
    sees = "a reward model of each language, trained on preferences in it"
    differences = EnglishReward.differences

    @staticmethod
    def makes(row: Any) -> bool:
        """A reward model for each language."""
        return _by_reward_models(row) and bool(row.reward.by_language)
