"""The whole configuration, and the checks that span its parts."""

from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from icr.config.base import Name, Section
from icr.config.evaluation import Evaluation
from icr.config.evaluation_checks import evaluation_problems
from icr.config.experiments import Experiment, Training
from icr.config.judges import Judge
from icr.config.models import AlignedSource, Model
from icr.config.prompts import MiniaturePrompts, PromptSet, TranslatedPrompts
from icr.config.questions import QuestionSet
from icr.config.translation import SelfTranslation
from icr.training.batch import accumulation


class Mirrors(Section):
    """Where downloads come from: a URL, or a folder on this machine."""

    github: str = "https://raw.githubusercontent.com"
    """Files as ``{github}/{owner}/{name}/{commit}/{path}``."""
    hub: str = "https://huggingface.co"
    """A hub endpoint, or a folder that holds ``{owner}/{name}/``."""


class Sampling(Section):
    """How the policy answers the native prompts."""

    backend: Literal["vllm", "transformers"] = "vllm"
    n: int = Field(10, gt=0)
    """Responses to each prompt."""
    temperature: float = Field(0.9, gt=0)
    top_p: float = Field(1.0, gt=0, le=1)
    top_k: int = Field(0, ge=0)
    """0: no limit."""
    max_tokens: int = Field(2400, gt=0)
    chunk: int = Field(100, gt=0)
    """Prompts sampled together; a killed job loses one chunk at most."""
    options: dict[str, int | float | str | bool] = Field(default_factory=dict)
    """Options of the backend, passed as they are."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.n < 2:
            raise ValueError("n = 1 leaves nothing to compare: a pair needs at least 2 responses")
        return self


class Scoring(Section):
    """How log-probabilities are computed."""

    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of both models."""
    token_budget: int = Field(16_384, gt=0)
    """Tokens of one forward pass."""
    chunk: int = Field(50, gt=0)
    """Prompts scored together; a killed job loses one chunk at most."""
    checks: int = Field(2, ge=0)
    """Prompts of each block that are rescored in higher precision, for the noise floor, a layer at
    a time within the same memory; 0 leaves it out."""


class Compute(Section):
    """What one job may use."""

    gpus: int = Field(1, ge=0)
    """GPUs of a sampling or scoring job; 0 runs everything on CPUs."""
    training_processes: int = Field(8, gt=0)
    """Processes of a training job, one GPU each where there are GPUs."""
    threads: int = Field(8, gt=0)
    """CPU threads of a sampling, scoring or training job."""
    checkpoint_minutes: int = Field(30, ge=0)
    """Minutes between a training's checkpoints, of which the newest is kept: 16 bytes a parameter.
    0: one at each optimizer step."""
    speed: float = Field(1.0, gt=0)
    """Speed of one GPU over an A100's with 80 GB, about 2.5 for an H100: scales time limits."""
    longest: int | None = Field(None, gt=0)
    """Minutes after which the site ends any job; no job asks for more."""


class Config(Section):
    """Everything that a run can be told."""

    run: Name
    """Name of the run, and of its folder in results."""
    seed: int = 42
    mirrors: Mirrors = Mirrors()
    models: dict[Name, Model]
    prompts: dict[Name, PromptSet]
    sampling: Sampling = Sampling()
    self_translation: SelfTranslation = SelfTranslation()
    scoring: Scoring = Scoring()
    compute: Compute = Compute()
    experiments: dict[Name, Experiment]
    judges: dict[Name, Judge] = Field(default_factory=dict)
    questions: dict[Name, QuestionSet] = Field(default_factory=dict)
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [
            *self._experiment_problems(),
            *self._model_problems(),
            *self._set_problems(),
            *evaluation_problems(
                self.evaluation,
                models=self.models,
                iterations={name: row.iterations for name, row in self.experiments.items()},
                judges=self.judges,
                questions=self.questions,
            ),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def aligned_training(self, model: str) -> Training:
        """Training of a base model that is aligned here: main's, with the model's changes."""
        source = self.models[model].source
        assert isinstance(source, AlignedSource)
        main = self.experiments["main"].training.model_dump()
        return Training.model_validate({**main, **source.training})

    def _experiment_problems(self) -> list[str]:
        found = []
        for name, row in self.experiments.items():
            where = f"experiments.{name}"
            for key in ("start", "reference"):
                model = getattr(row, key)
                if model not in self.models:
                    found.append(
                        f"{where}.{key}: unknown model '{model}'; known: {', '.join(self.models)}"
                    )
            if row.reward.model is not None and row.reward.model not in self.models:
                found.append(f"{where}.reward.model: unknown model '{row.reward.model}'")
            found += self._prompt_problems(where, row.prompts.set, row.prompts.count)
            if row.prompts.set in self.prompts:
                known = self.prompts[row.prompts.set].languages
                found += [
                    f"{where}.languages: prompt set '{row.prompts.set}' has no '{language}'; "
                    f"it has {', '.join(known)}"
                    for language in row.languages
                    if language not in known
                ]
            if len(set(row.languages)) < len(row.languages):
                found.append(f"{where}.languages: a language is named twice")
            try:
                accumulation(
                    row.training.global_batch,
                    self.compute.training_processes,
                    row.training.micro_batch,
                )
            except ValueError as error:
                found.append(f"{where}.training: {error}")
        return found

    def _prompt_problems(self, where: str, name: str, count: int) -> list[str]:
        if name not in self.prompts:
            return [f"{where}: unknown prompt set '{name}'; known: {', '.join(self.prompts)}"]
        size = self.prompts[name].size
        if count > size:
            return [f"{where}: {count} prompts asked of set '{name}', which has {size}"]
        return []

    def _model_problems(self) -> list[str]:
        found = []
        for name, model in self.models.items():
            where = f"models.{name}"
            if any(name == f"{row}-{t}" for row in self.experiments for t in range(1, 100)):
                found.append(f"{where}: the name is that of an experiment's iteration; rename it")
            source = model.source
            if isinstance(source, AlignedSource):
                try:
                    self.aligned_training(name)
                except ValidationError as error:
                    found += [
                        f"{where}.source.training.{p['loc'][0]}: {p['msg']}" for p in error.errors()
                    ]
                if source.align not in self.models or source.align == name:
                    found.append(f"{where}.source.align: no other model '{source.align}'")
                found += self._prompt_problems(f"{where}.source", source.prompts, source.count)
                chosen = self.prompts.get(source.prompts)
                if source.annotator == "oracle" and (
                    chosen is None or not isinstance(chosen.source, MiniaturePrompts)
                ):
                    found.append(
                        f"{where}.source.annotator: 'oracle' judges miniature prompts only"
                    )
        return found

    def _set_problems(self) -> list[str]:
        return [
            f"prompts.{name}.source.translate.model: unknown model '{source.translate.model}'"
            for name, chosen in self.prompts.items()
            if isinstance(source := chosen.source, TranslatedPrompts)
            and source.translate.model is not None
            and source.translate.model not in self.models
        ]
