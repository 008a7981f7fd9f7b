"""The whole configuration, and the checks that span its parts."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from icr.config.base import Name, Section
from icr.config.evaluation import Evaluation
from icr.config.evaluation_checks import evaluation_problems
from icr.config.experiment_checks import experiment_problems, length_problems, oracle_problems
from icr.config.experiments import Experiment, Training
from icr.config.judges import Judge
from icr.config.model_checks import model_problems, reward_model_problems, set_problems
from icr.config.models import AlignedSource, Model
from icr.config.options import Known, Options, TransformersSampling, VllmSampling
from icr.config.preferences import PreferenceSet
from icr.config.prompts import PromptSet
from icr.config.questions import QuestionSet
from icr.config.rewardbench_checks import rewardbench_problems
from icr.config.tables import OwnTables
from icr.config.translation import SelfTranslation


class Mirrors(Section):
    """Where downloads come from: a URL, or a folder on this machine."""

    github: str = "https://raw.githubusercontent.com"
    """Files as ``{github}/{owner}/{name}/{commit}/{path}``."""
    hub: str = "https://huggingface.co"
    """A hub endpoint, or a folder that holds ``{owner}/{name}/``, and where a model is needed in
    more than one revision, ``{owner}/{name}@{revision}/``."""


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
    """Prompts sampled or translated together; a killed job loses one chunk at most. vLLM samples
    all prompts of a job at once and keeps each when it is finished."""
    options: Annotated[
        Options, Known("backend", {"vllm": VllmSampling, "transformers": TransformersSampling})
    ] = Field(default_factory=dict)
    """Options of the backend."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.n < 2:
            raise ValueError("n = 1 leaves nothing to compare: a pair needs at least 2 responses")
        return self


class Scoring(Section):
    """How log-probabilities are computed."""

    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic of both models. ``auto``: the cheapest that ranks the responses to a few prompts
    as float32 does, decided for each policy, set of prompts and language (docs/precision.md). It
    saves time on GPUs alone; on CPUs float32 is faster."""
    token_budget: int = Field(16_384, gt=0)
    """Tokens of one forward pass."""
    chunk: int = Field(50, gt=0)
    """Prompts scored together; a killed job loses one chunk at most."""
    checks: int = Field(2, ge=0)
    """Prompts of each block that are rescored in higher precision, for the noise floor, one
    layer at a time within the same memory; 0 disables this."""
    max_length: int | None = Field(None, gt=2)
    """Longest conversation that a reward model scores, in its own tokens. Responses of longer
    conversations have no reward, take part in no pair, and are counted."""
    likelihood_fall: float = Field(0.5, gt=0)
    """Maximum mean fall in log-probability, in nats per token, of a policy's own responses when the
    English instruction behind the language prefix replaces the native prompt. A larger fall stops
    the run: the prefix, instruction or samples are probably of another language or prompt."""


class Compute(Section):
    """Resources of one job."""

    gpus: int = Field(1, ge=0)
    """GPUs of a sampling or scoring job; 0 runs everything on CPUs, even where there is a GPU."""
    training_processes: int = Field(8, gt=0)
    """Processes of a training job, one GPU each where there are GPUs."""
    threads: int = Field(8, gt=0)
    """CPU threads of a sampling, scoring or training job."""
    checkpoint_minutes: int = Field(30, ge=0)
    """Minutes between a training's checkpoints, of which the newest is kept, with 16 bytes per
    parameter. 0: a checkpoint at each optimizer step."""
    speed: float = Field(1.0, gt=0)
    """Speed of a GPU relative to an A100 with 80 GB, about 2.5 for an H100; scales time limits."""
    blocks_per_job: int | None = Field(None, gt=0)
    """Blocks of prompts, in one language or several, that a sampling or scoring job takes; by
    default as many as take about an hour. A site with many free GPUs may want fewer."""
    longest: int | None = Field(None, gt=0)
    """Minutes after which the site ends any job; no job asks for more."""
    memory: int | None = Field(None, gt=0)
    """GB of host memory that a job can get at the site; no job asks for more, not even after it ran
    out of memory."""


class Config(Section):
    """All settings of a run."""

    run: Name
    """Name of the run, and of its folder in results."""
    seed: int = Field(42, ge=0, lt=2**32)
    extensions: list[str] = Field(default_factory=list)
    """Python files that register your own methods (docs/extending.md), imported before this
    configuration is checked. Paths, relative to the working directory or absolute."""
    mirrors: Mirrors = Mirrors()
    models: dict[Name, Model]
    prompts: dict[Name, PromptSet]
    preferences: dict[Name, PreferenceSet] = Field(default_factory=dict)
    sampling: Sampling = Sampling()
    self_translation: SelfTranslation = SelfTranslation()
    scoring: Scoring = Scoring()
    compute: Compute = Compute()
    experiments: dict[Name, Experiment]
    judges: dict[Name, Judge] = Field(default_factory=dict)
    questions: dict[Name, QuestionSet] = Field(default_factory=dict)
    evaluation: Evaluation = Evaluation()
    tables: OwnTables = Field(default_factory=dict)
    """Tables of your own by name, or by number; numbers follow the paper's: from 16."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [
            *experiment_problems(self),
            *model_problems(self),
            *set_problems(self),
            *reward_model_problems(self),
            *oracle_problems(self),
            *rewardbench_problems(self),
            *length_problems(self),
            *evaluation_problems(
                self.evaluation,
                models=self.models,
                experiments=self.experiments,
                judges=self.judges,
                questions=self.questions,
            ),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def aligned_training(self, model: str) -> Training:
        """Training of a base model that is aligned here: main's, with the model's changes.

        Another loss does not inherit the settings of main's loss.
        """
        source = self.models[model].source
        assert isinstance(source, AlignedSource)
        main = self.experiments["main"].training.model_dump()
        if source.training.get("loss", main["loss"]) != main["loss"]:
            del main["loss_settings"]
        return Training.model_validate({**main, **source.training})
