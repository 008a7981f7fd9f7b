"""The tasks of lm-evaluation-harness (0.4.13) by benchmark and language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OKAPI = ("ar", "bn", "de", "es", "fr", "hi", "hu", "id", "it", "nl", "pt", "ro", "ru", "sv", "uk")
"""Languages of icr.prompts.languages into which Okapi translated all four benchmarks; some are
also available in Vietnamese and Chinese."""


@dataclass(frozen=True)
class Substitute:
    """The nearest task for a language that Okapi lacks; its scores are not comparable."""

    task: str
    metric: str = "acc"


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, in the names of the harness."""

    tasks: Mapping[str, str]
    """Task by language."""
    shots: int = 0
    """Few-shot examples before each question."""
    metric: str = "acc"
    """The harness's name of the score, followed by a comma and its filter if it has one."""
    substitutes: Mapping[str, Substitute] = field(default_factory=dict)
    """By language; MMLU in Swahili is another translation of the same questions."""


def _okapi(name: str, english: str, *more: str) -> dict[str, str]:
    return {"en": english, **{la: name.format(language=la) for la in (*OKAPI, *more)}}


# The paper's Table 14 names no metric. Its English HellaSwag (0.58 to 0.63) is plain accuracy: by
# length-normalised accuracy models of this family score near 0.8. Its standard error of English
# MMLU (0.0039, where one data set of that size would give 0.0041) is the one that the harness
# pools over the 57 subjects of `mmlu`, so English is measured on the originals and not on
# `m_mmlu_en`; its English ARC and TruthfulQA are whole multiples of 1/1172 and 1/817.
BENCHMARKS: dict[str, Benchmark] = {
    "arc": Benchmark(
        _okapi("arc_{language}", "arc_challenge", "vi", "zh"),
        substitutes={
            "sw": Substitute("belebele_swh_Latn"),
            "th": Substitute("belebele_tha_Thai"),
        },
    ),
    "hellaswag": Benchmark(
        _okapi("hellaswag_{language}", "hellaswag", "vi"),
        substitutes={
            "sw": Substitute("xcopa_sw"),
            "th": Substitute("xcopa_th"),
            "zh": Substitute("xcopa_zh"),
        },
    ),
    "mmlu": Benchmark(
        _okapi("m_mmlu_{language}", "mmlu", "vi", "zh"),
        shots=5,
        substitutes={
            "sw": Substitute("global_mmlu_full_sw"),
            "th": Substitute("mmlu_prox_lite_th", metric="exact_match,custom-extract"),
        },
    ),
    "truthfulqa_mc1": Benchmark(_okapi("truthfulqa_{language}_mc1", "truthfulqa_mc1", "vi", "zh")),
    "truthfulqa_mc2": Benchmark(_okapi("truthfulqa_{language}_mc2", "truthfulqa_mc2", "vi", "zh")),
}


@dataclass(frozen=True)
class Task:
    """One benchmark in one language."""

    benchmark: str
    name: str
    """The harness's name of the task or group."""
    shots: int
    metric: str
    substitute: bool = False
    template: str | None = None
    """The user's own task file; None for a task of the harness."""
    data: str | None = None
    """The questions of the user's own task, as JSON Lines."""

    def asked(self, mirror: str) -> dict[str, str | int | None]:
        """The parameters of an evaluation job, without those that only read its result.

        ``mirror`` is the folder of a task's data sets, with ``{task}`` in it: jobs work offline.
        """
        return {
            "benchmark": self.benchmark,
            "task": self.name,
            "shots": self.shots,
            "template": self.template,
            "data": self.data or mirror.format(task=self.name),
        }
