"""NLP benchmarks: which policies are asked which tasks, and how."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from icr.config.base import Language, Section
from icr.config.evaluated import Evaluated
from icr.config.options import HarnessHf, HarnessVllm, Known, Options
from icr.evaluation.nlp.tasks import BENCHMARKS, Task
from icr.prompts.languages import ENGLISH_NAMES

BenchmarkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$")]
"""It becomes part of paths."""


class NlpBenchmark(Section):
    """A benchmark: one of the shipped ones with changes, or one of your own."""

    tasks: dict[Language, str] = Field(default_factory=dict)
    """Tasks of lm-evaluation-harness by language, over the shipped choice."""
    substitutes: dict[Language, str] = Field(default_factory=dict)
    """The same, for tasks that only stand in for the benchmark; tables mark them."""
    shots: int | None = Field(None, ge=0)
    """Examples shown before each question; null: the shipped number, or 0."""
    metric: str | None = None
    """``acc``, ``acc_norm`` or another that the tasks give; null: the shipped one, or ``acc``."""
    template: str | None = None
    """Your own benchmark: a task file of lm-evaluation-harness without its data. Under a shipped
    one's name it stands in for that; tables mark it."""
    data: str | None = Field(None, pattern=r"\{language\}")
    """Its questions: JSON lines, a file a language, with ``{language}`` in the path."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.template is None) != (self.data is None):
            raise ValueError("'template' and 'data' go together")
        return self


class Nlp(Evaluated):
    """Multilingual NLP benchmarks by lm-evaluation-harness (Tables 4 and 14)."""

    benchmarks: dict[BenchmarkName, NlpBenchmark] = Field(
        default_factory=lambda: {name: NlpBenchmark() for name in BENCHMARKS}
    )
    """By name; the shipped ones are arc, hellaswag, mmlu, truthfulqa_mc1 and truthfulqa_mc2."""
    languages_per_job: int = Field(1, gt=0)
    """More share one job's start, fewer run side by side."""
    backend: Literal["hf", "vllm"] = "hf"
    dtype: Literal["float32", "bfloat16", "float16"] = "bfloat16"
    batch: Annotated[int, Field(gt=0)] | Literal["auto"] = "auto"
    """Requests scored together."""
    chat_template: bool = False
    """Ask in the model's chat format. The paper's numbers are those of plain text."""
    limit: int | None = Field(None, gt=0)
    """Only the first questions of each task, for a quick look."""
    options: Annotated[Options, Known("backend", {"hf": HarnessHf, "vllm": HarnessVllm})] = Field(
        default_factory=dict
    )
    """Further arguments of the harness's model class."""
    revisions: dict[str, str] = Field(default_factory=dict)
    """Commit or branch of a data set of the hub, by its name; otherwise main."""

    @model_validator(mode="after")
    def _covered(self) -> Self:
        for name, benchmark in self.benchmarks.items():
            if name not in BENCHMARKS and not (
                benchmark.tasks or benchmark.substitutes or benchmark.template
            ):
                raise ValueError(
                    f"unknown benchmark '{name}'; shipped: {', '.join(BENCHMARKS)}; one of your "
                    "own needs 'tasks', or 'template' and 'data'"
                )
        for language in self.languages:
            if not self.tasks(language):
                raise ValueError(
                    f"no benchmark has a task in '{language}'; name one under "
                    "benchmarks.NAME.tasks or benchmarks.NAME.substitutes"
                )
        return self

    def tasks(self, language: str) -> list[Task]:
        """The tasks of one language. A benchmark that has none in it is left out."""
        found = (self._task(name, language) for name in self.benchmarks)
        return [task for task in found if task is not None]

    def covered(self) -> list[str]:
        """The languages that have a task."""
        return [language for language in ENGLISH_NAMES if self.tasks(language)]

    def _task(self, name: str, language: str) -> Task | None:
        ours, shipped = self.benchmarks[name], BENCHMARKS.get(name)
        shots = ours.shots if ours.shots is not None else shipped.shots if shipped else 0
        metric = ours.metric or (shipped.metric if shipped else "acc")
        if ours.template and ours.data:
            data = ours.data.format(language=language)
            task = f"{Path(ours.template).stem}_{language}"
            return Task(name, task, shots, metric, shipped is not None, ours.template, data)
        if language in ours.tasks:
            return Task(name, ours.tasks[language], shots, metric)
        if language in ours.substitutes:
            return Task(name, ours.substitutes[language], shots, metric, True)
        if shipped and language in shipped.tasks:
            return Task(name, shipped.tasks[language], shots, metric)
        if shipped and language in shipped.substitutes:
            substitute = shipped.substitutes[language]
            return Task(name, substitute.task, shots, ours.metric or substitute.metric, True)
        return None
