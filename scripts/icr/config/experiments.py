"""Experiments: rows of settings that name only where they differ from ``main``."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from icr.config.base import Languages, Name, NameByLanguage, Section
from icr.config.options import Options
from icr.pairing import PAIRINGS
from icr.registry import Registry
from icr.rewards import REWARDS
from icr.training.losses import LOSSES


def _known(registry: Registry[Any]) -> AfterValidator:
    """A check that a registry knows a name."""

    def check(name: str) -> str:
        registry[name]
        return name

    return AfterValidator(check)


def _settings_of(registry: Registry[Any], key: str) -> AfterValidator:
    """A check of a method's own settings, which converts each to its type and ignores null.

    ``key`` is the earlier field that names the method.
    """

    def check(settings: Options, info: ValidationInfo) -> Options:
        method = info.data.get(key)  # absent if it is unknown
        not_null: Options = {name: value for name, value in settings.items() if value is not None}
        return not_null if method is None else registry[method].typed(not_null)

    return AfterValidator(check)


class Reward(Section):
    """What ranks responses: the implicit reward, β·(log π(y|c) − log π_ref(y|c)), or another."""

    view: Annotated[str, _known(REWARDS)] = "crosslingual"
    """``crosslingual``: responses given the English instruction behind the language prefix
    (Eq. 9). ``multilingual``: given the native prompt (Eq. 12). ``translated``: the policy's own
    English translations of the responses, given the English instruction (Eq. 13). ``natural``: not
    an implicit reward, but the score that ``model`` gives native prompt and response. ``lacomsa``:
    similarity of hidden states to those of the policy's English answers (LaCoMSA). Or a name
    that one of ``extensions`` registers (docs/extending.md)."""
    settings: Annotated[Options, _settings_of(REWARDS, "view")] = Field(default_factory=dict)
    """The reward's own settings. An experiment with another reward than main's does not inherit
    them."""
    model: NameByLanguage | None = None
    """The reward model of the natural view: a sequence classifier with one output. In
    ``rm-{language}``, ``{language}`` stands for the language of the prompt, so that each language
    has a reward model of its own."""
    reference: Literal["model", "none"] = "model"
    """``model``: measured against the experiment's ``reference``. ``none``: β·log π(y|c) alone, an
    ablation for which only the policy scores the responses."""
    layer: int | None = Field(None, gt=0)
    """The layer of the policy whose hidden states the reward reads, counted from 1: a middle one,
    such as 15 of 32. Only for ``lacomsa`` and rewards of your own that read states."""
    beta: float = Field(0.1, gt=0)
    tokens: Literal["all", "authors"] = "all"
    """The tokens to sum: ``all`` recorded tokens of the response, or those that the ``authors``'
    scoring script sums, which depend on the rest of its batch (docs/method.md)."""

    @model_validator(mode="after")
    def _names_its_model(self) -> Self:
        needed = REWARDS[self.view].model
        if needed and self.model is None:
            raise ValueError(f"the view '{self.view}' needs the key 'model', a reward model")
        if not needed and self.model is not None:
            raise ValueError(f"the view '{self.view}' reads no reward model; leave out 'model'")
        if REWARDS[self.view].states and self.layer is None:
            raise ValueError(
                f"the view '{self.view}' reads hidden states and needs the key 'layer', such as 15 "
                "for a model of 32 layers"
            )
        if not REWARDS[self.view].states and self.layer is not None:
            raise ValueError(f"the view '{self.view}' reads no hidden states; leave out 'layer'")
        return self

    @property
    def by_language(self) -> bool:
        """Whether each language has a reward model of its own."""
        return self.model is not None and "{language}" in self.model

    def model_of(self, language: str) -> str | None:
        """The reward model of prompts in a language, if there is one."""
        return self.model and self.model.replace("{language}", language)


class LengthPenalty(Section):
    """The penalty α|y|, with α chosen per language (Eq. 15)."""

    mode: Literal["exact", "grid", "none"] = "exact"
    """``exact``: the minimiser of |mean length difference|. ``grid``: the authors' 1,000 steps.
    ``none``: no penalty."""


class Lidr(Section):
    """Choices in which LIDR's public code differs from its description."""

    failed: Literal["pair", "prompt"] = "pair"
    """What a failed translation discards: the ``pair`` that needs it or, as in the public code, the
    ``prompt`` in both directions between the two languages."""
    english: Literal["each", "last"] = "each"
    """The English pairs of a prompt: one with ``each`` other language, or one with the ``last`` of
    ``languages``, as in the public code, whose files keep only the last."""
    untranslated: list[str] = Field(default_factory=list)
    """Ids of prompts that ask for a translation. As in the public code, the chosen response in
    other languages is then the English answer itself: translated, it would answer another
    question."""


class Pairing(Section):
    """How pairs are built, and which are discarded."""

    method: Annotated[str, _known(PAIRINGS)] = "reward"
    """``reward``: the response with the highest reward against the response with the lowest.
    ``croco``: the highest reward against the one nearest to the mean minus two standard deviations
    (or, by ``settings.rejected``, to ``lowest`` or ``quartile``), without a length penalty.
    ``random``: two random responses, the one with the higher reward chosen.
    ``lidr``: Language Imbalance Driven Rewarding, the policy's own greedy answers against
    translated answers, without a reward. Or a name that one of ``extensions`` registers
    (docs/extending.md)."""
    settings: Annotated[Options, _settings_of(PAIRINGS, "method")] = Field(default_factory=dict)
    """The pairing's own settings. An experiment with another pairing than main's does not inherit
    them."""
    responses: int | None = Field(None, ge=2)
    """Only the first so many of the ``sampling.n`` responses to each prompt are candidates; null:
    all. Experiments that differ in it share samples and scores."""
    pool: Literal["one", "languages"] = "one"
    """``one``: a pair consists of two responses to a prompt in one language. ``languages``: of two
    of the responses in all languages, which may be in different ones; its prompt is that of the
    chosen response. For rewards of a reward model, which alone compare languages."""
    sampler: Name | None = None
    """The policy whose responses are the candidates, if it is not the one that is trained: a model,
    or an iteration of an earlier experiment (``main-1``). Training reads its responses as text."""
    identical: Literal["drop", "keep"] = "drop"
    """Pairs whose chosen and rejected responses are the same text."""
    truncated: Literal["keep", "drop"] = "keep"
    """Responses truncated at max_tokens."""
    wrong_language: Literal["keep", "drop"] = "keep"
    """Responses that are not in the prompt's language, by language identification."""
    upper_bound: float | None = None
    """Only responses with an adjusted reward below this bound can be chosen. The reward includes β:
    multiply a bound of the authors' code by it."""
    lidr: Lidr = Lidr()


class Lora(Section):
    """Low-rank adapters instead of full training; merged when training ends."""

    r: int = Field(16, gt=0)
    alpha: int = Field(32, gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    target_modules: list[str] | None = None
    """Names of the layers that get adapters; by default every linear layer."""


class Training(Section):
    """Preference training (Eq. 11, or Eq. 16 for KTO)."""

    loss: Annotated[str, _known(LOSSES)] = "dpo"
    """``dpo``: DPO with an NLL term (Eq. 11). ``kto`` (Eq. 16). ``sft``: supervised fine-tuning on
    the chosen responses alone. ``trl/…``: a loss of TRL's. Or a name that one of
    ``extensions`` registers (docs/extending.md)."""
    loss_settings: Annotated[Options, _settings_of(LOSSES, "loss")] = Field(default_factory=dict)
    """The loss's own settings. An experiment with another loss than main's does not inherit
    them."""
    beta: float = Field(0.1, gt=0)
    nll_weight: float = Field(1.0, ge=0)
    learning_rate: float = Field(5e-7, gt=0)
    global_batch: int = Field(16, gt=0)
    """Pairs (KTO: responses) per optimizer step, over all processes and accumulation steps."""
    micro_batch: int = Field(1, gt=0)
    """Pairs (KTO: responses) that one process holds at a time. Processes wait for each other after
    each micro-batch: global_batch / training_processes is fastest where memory allows it."""
    epochs: int = Field(1, gt=0)
    warmup: float = Field(0.03, ge=0, lt=1)
    """Share of the steps during which the learning rate rises."""
    weight_decay: float = Field(0.0, ge=0)
    max_length: int | None = Field(None, gt=2)
    """Pairs with more tokens, prompt and longer response together, are discarded and counted."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Precision of the arithmetic; weights and optimizer states stay in float32."""
    save_precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Precision of the written policy. bfloat16 rounds away steps that are too small for it."""
    gradient_checkpointing: bool = True
    lora: Lora | None = None
    desirable_weight: float = Field(1.0, gt=0)
    """λ_w of KTO; the paper gives no value."""
    undesirable_weight: float = Field(1.0, gt=0)
    """λ_l of KTO; the paper gives no value."""

    @model_validator(mode="after")
    def _enough_for_the_loss(self) -> Self:
        LOSSES[self.loss].check_micro_batch(self.micro_batch)
        return self


class PromptChoice(Section):
    """The prompts of an experiment."""

    set: Name
    count: int = Field(gt=0)
    """The first ``count`` prompts of the set, in each language."""


class Experiment(Section):
    """A row of settings."""

    start: Name
    """π⁰: a base model."""
    reference: Name
    """π_I: the base model that the reward is measured against."""
    scoring_reference: Literal["fixed", "previous"] = "fixed"
    """``fixed``: π_I in every iteration. ``previous``: π^{t-2} in iteration t, π_I in the first."""
    languages: Languages = Field(min_length=1)
    prompts: PromptChoice
    reward: Reward = Reward()
    length_penalty: LengthPenalty = LengthPenalty()
    pairs: Pairing = Pairing()
    training: Training = Training()
    iterations: int = Field(2, gt=0)
    train: bool = True
    """Without training, only the pairs of the first iteration are built, to be judged."""

    @property
    def reward_models(self) -> list[str]:
        """The distinct reward models, in the order of the languages."""
        models = dict.fromkeys(map(self.reward.model_of, self.languages))
        return [model for model in models if model is not None]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.train and self.iterations > 1:
            raise ValueError("without 'train' there is one iteration; set 'iterations: 1'")
        rewarded = PAIRINGS[self.pairs.method].rewarded
        if not rewarded and ("en" not in self.languages or len(self.languages) < 2):
            raise ValueError(
                f"pairs.method '{self.pairs.method}' compares English with other languages; "
                "'languages' needs both"
            )
        if rewarded and REWARDS[self.reward.view].english and "en" in self.languages:
            raise ValueError(
                f"reward.view '{self.reward.view}' compares responses with English ones to the "
                "same prompts; leave 'en' out of 'languages'"
            )
        return self
