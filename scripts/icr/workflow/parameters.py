"""The parameters of jobs: the settings that a rule uses, and no others."""

from typing import Any

from icr.config import Config
from icr.config.experiments import Training
from icr.config.models import MiniatureSource
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts
from icr.training.losses import LOSSES
from icr.workflow.compared import Compared, compared
from icr.workflow.policies import Iteration, Policies


class Parameters:
    """Settings as plain values."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config, self.policies = config, policies

    def pairs(self, policy: str) -> dict[str, Any]:
        """What pair building needs of an iteration's settings (icr.pairing.pairs.PairSettings)."""
        row = self.policies.iterations[policy].settings
        given = {"beta": row.reward.beta, "penalty": row.length_penalty.mode}
        return compared(row.pairs, exclude={"method", "lidr"}, more=given)

    def scored_condition(self, policy: str, language: str) -> str | None:
        """What an iteration's scorer conditions the whole responses on: ``native`` or ``english``.

        None where it scores something else: translations, the authors' tokens, or nothing.
        """
        reward = self.policies.iterations[policy].settings.reward
        if reward.tokens != "all" or reward.view not in ("crosslingual", "multilingual"):
            return None
        return "native" if language == "en" or reward.view == "multilingual" else "english"

    def lidr(self, policy: str) -> dict[str, Any]:
        """What LIDR needs of an iteration's settings (icr.pairing.lidr.LidrSettings)."""
        used = {"identical", "truncated", "wrong_language"}
        pairs = self.policies.iterations[policy].settings.pairs
        own = compared(pairs.lidr, include={"failed", "untranslated"})
        shared = compared(pairs, include=used)
        return Compared({**shared, **own}, shared.silent | own.silent)

    def training(self, policy: str) -> dict[str, Any]:
        """Training settings of an iteration or of an aligned base model, with the run's seed.

        Those of another loss than its own rerun no training.
        """
        settings = self._training(policy)
        given = compared(settings, more={"seed": self.config.seed})
        return Compared(given, given.silent | LOSSES[settings.loss].unused)

    def loss(self, policy: str) -> str:
        """The loss by which a policy is trained."""
        return self._training(policy).loss

    def made(self, policy: str) -> dict[str, Any]:
        """What a trained policy is, in words for its model card; ``start`` is always there.

        The words rerun no training: what they tell of decides other parameters and inputs.
        """
        words = self._made(policy)
        return Compared(words, words.keys())

    def _made(self, policy: str) -> dict[str, Any]:
        if policy not in self.policies.iterations:
            source = self.policies.alignment(policy)
            return {
                "start": source.align,
                "pairs": f"its own English responses to {source.count} prompts of "
                f"{source.prompts}, ranked by {source.annotator}",
            }
        step = self.policies.iterations[policy]
        row = step.settings
        return {
            "experiment": step.experiment,
            "iteration": int(policy.rpartition("-")[2]),
            "start": step.start,
            **self._preference(step),
            "prompts": f"{row.prompts.count} of {row.prompts.set} in each language",
        }

    @staticmethod
    def _preference(step: Iteration) -> dict[str, Any]:
        row = step.settings
        if row.pairs.method == "lidr":
            return {"pairs": "own greedy answers and translated ones (LIDR)"}
        penalty = {"length penalty": row.length_penalty.mode}
        if row.reward.model is not None:
            return {"reward": row.reward.model, **penalty}
        return {
            "reward": f"{row.reward.view}, β {row.reward.beta}",
            "reference of the reward": step.reference or "none",
            **penalty,
        }

    def prompt_source(self, prompts: str) -> dict[str, Any]:
        """Where a set's files, or the English side of a translated set, are fetched from."""
        source = self.config.prompts[prompts].source
        return compared(source.english if isinstance(source, TranslatedPrompts) else source)

    def facts_of_annotator(self, model: str) -> str | None:
        """The facts by which the oracle ranks an aligned model's English pairs, if it does."""
        source = self.policies.alignment(model)
        prompts = self.config.prompts[source.prompts].source
        if source.annotator == "oracle" and isinstance(prompts, MiniaturePrompts):
            return prompts.miniature
        return None

    def miniature_sft(self, model: str) -> dict[str, Any]:
        """How a miniature model is trained (icr.miniature.sft.SftSettings)."""
        source = self.config.models[model].source
        assert isinstance(source, MiniatureSource)
        shares = ("careful", "dialogues", "translations")
        request = self.config.self_translation.prompt if source.translations else ""
        given = compared(source, include=shares, more={"request": request})
        return compared(source, exclude={"miniature", *shares}, more={"shares": given})

    def english_draws(self, model: str) -> dict[str, Any]:
        """How an aligned model's English pairs are drawn (icr.pairing.english.Draws)."""
        drawn = {"draws", "samples", "temperature", "low_temperature"}
        sampling = self.config.sampling
        given = {"max_tokens": sampling.max_tokens, "chunk": sampling.chunk}
        return compared(self.policies.alignment(model), include=drawn, more=given)

    def _training(self, policy: str) -> Training:
        if policy in self.policies.iterations:
            return self.policies.iterations[policy].settings.training
        return self.config.aligned_training(policy)
