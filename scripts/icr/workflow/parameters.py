"""The parameters of jobs: the settings that each rule uses, and no others."""

from typing import Any

from icr.config import Config
from icr.config.experiments import Training
from icr.config.models import MiniatureSource
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts
from icr.scoring.views import VIEWS
from icr.training.losses import LOSSES
from icr.workflow.compared import Compared, compared
from icr.workflow.iteration import Iteration
from icr.workflow.policies import Policies


class Parameters:
    """Parameters as plain values, of which Snakemake compares some (icr.workflow.compared)."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config, self.policies = config, policies

    def pairs(self, policy: str) -> dict[str, Any]:
        """Settings of pair building for an iteration (icr.pairing.selection.PairSettings).

        The names of reward and pairing are not compared: they decide the fingerprint of the code.
        """
        step = self.policies.iterations[policy]
        row = step.settings
        reward = {"beta": row.reward.beta, "penalty": row.length_penalty.mode}
        names = {"view": row.reward.view, "method": row.pairs.method}
        own = compared(row.reward, include={"settings"})
        # The pool and the sampler decide the rule and its inputs.
        excluded = {"method", "lidr", "pool", "sampler"}
        shared = compared(row.pairs, exclude=excluded, more=reward)
        unused = step.pairing.unused - step.reward.shared
        silent = shared.silent | names.keys() | unused
        silent |= {"reward_settings"} if "settings" in own.silent else set()
        return Compared({**shared, **names, "reward_settings": own["settings"]}, silent)

    def scored_condition(self, policy: str, language: str) -> str | None:
        """Whether whole responses are scored given ``native`` or ``english`` prompts.

        None if it scores translations, the tokens of the authors' script, or nothing.
        """
        step = self.policies.iterations[policy]
        if step.settings.reward.tokens != "all" or step.reward.view is None:
            return None
        view = VIEWS[step.reward.view]
        if view.translated:
            return None
        return "native" if view.condition_language(language) == language else "english"

    def answer_pairs(self, policy: str) -> dict[str, Any]:
        """Settings of a pairing without rewards (icr.pairing.answers.AnswerSettings)."""
        step = self.policies.iterations[policy]
        pairs = step.settings.pairs
        used = {"identical", "truncated", "wrong_language", "settings"}
        switches = compared(pairs.lidr, include={"failed", "untranslated"})
        shared = compared(pairs, include=used)
        silent = shared.silent | switches.silent | step.pairing.unused | {"method"}
        return Compared({**shared, **switches, "method": pairs.method}, silent)

    def reward(self, policy: str) -> str:
        """The name of an iteration's reward."""
        return self.policies.iterations[policy].settings.reward.view

    def pairing(self, policy: str) -> str:
        """The name of an iteration's pairing."""
        return self.policies.iterations[policy].settings.pairs.method

    def training(self, policy: str) -> dict[str, Any]:
        """Training settings of an iteration or of an aligned base model, with the run's seed.

        Settings that its loss does not use are not compared.
        """
        training = self._training(policy)
        more: dict[str, Any] = {"seed": self.config.seed}
        step = self.policies.iterations.get(policy)
        if step is not None and step.sampler != step.start:
            more["off_policy"] = True
        settings = compared(training, more=more)
        return Compared(settings, settings.silent | LOSSES[training.loss].unused)

    def reward_model_training(self, model: str) -> dict[str, Any]:
        """Training settings of a reward model, with the run's seed."""
        source = self.policies.trained_reward_models[model]
        return compared(source.training, more={"seed": self.config.seed})

    def reward_model_made(self, model: str) -> dict[str, Any]:
        """A reward model in words, for its card; other parameters hold the same."""
        source = self.policies.trained_reward_models[model]
        words = {
            "start": source.reward,
            "pairs": source.preferences,
            "languages": ", ".join(source.languages),
        }
        return Compared(words, words.keys())

    def loss(self, policy: str) -> str:
        """The name of the loss that a policy is trained with."""
        return self._training(policy).loss

    def made(self, policy: str) -> dict[str, Any]:
        """A trained policy in words, for its model card; always with the key ``start``.

        Snakemake does not compare them: other parameters and inputs hold the same facts.
        """
        words = self._made(policy)
        return Compared(words, words.keys())

    def _made(self, policy: str) -> dict[str, Any]:
        if policy not in self.policies.iterations:
            source = self.policies.alignment(policy)
            return {
                "start": source.align,
                "languages": ["en"],
                "pairs": f"its own English responses to {source.count} prompts of "
                f"{source.prompts}, ranked by {source.annotator}",
            }
        step = self.policies.iterations[policy]
        row = step.settings
        return {
            "experiment": step.experiment,
            "iteration": int(policy.rpartition("-")[2]),
            "start": step.start,
            "languages": row.languages,
            **({} if step.sampled_by is None else {"responses of": step.sampler}),
            **({"a pair is of": "the responses in all languages"} if step.pooled else {}),
            **self._preference(step),
            "prompts": f"{row.prompts.count} of {row.prompts.set} in each language",
        }

    @staticmethod
    def _preference(step: Iteration) -> dict[str, Any]:
        row = step.settings
        if not step.pairing.rewarded:
            return {"pairs": step.pairing.title}
        if "penalty" in step.pairing.shared:
            pairs: dict[str, Any] = {"length penalty": row.length_penalty.mode}
        else:
            pairs = {"pairs": step.pairing.title}
        if row.reward_models:
            return {"reward": ", ".join(row.reward_models), **pairs}
        if step.reward.view is None:
            return {"reward": row.reward.view, **pairs}
        return {
            "reward": f"{row.reward.view}, β {row.reward.beta}",
            "reference of the reward": step.reference or "none",
            **pairs,
        }

    def prompt_source(self, prompts: str) -> dict[str, Any]:
        """The source of a prompt set, or of the English side of a translated set."""
        source = self.config.prompts[prompts].source
        return compared(source.english if isinstance(source, TranslatedPrompts) else source)

    def facts_of_annotator(self, model: str) -> str | None:
        """The file of facts, if the oracle ranks an aligned model's English pairs."""
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
        corpus = compared(source, include=shares, more={"request": request})
        return compared(source, exclude={"miniature", *shares}, more={"shares": corpus})

    def english_draws(self, model: str) -> dict[str, Any]:
        """How an aligned model's English pairs are drawn (icr.sampling.english.Draws)."""
        names = {"draws", "samples", "temperature", "low_temperature"}
        sampling = self.config.sampling
        shared = {"max_tokens": sampling.max_tokens, "chunk": sampling.chunk}
        return compared(self.policies.alignment(model), include=names, more=shared)

    def _training(self, policy: str) -> Training:
        if policy in self.policies.iterations:
            return self.policies.iterations[policy].settings.training
        return self.config.aligned_training(policy)
