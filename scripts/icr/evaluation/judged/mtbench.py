"""Multilingual MT-Bench, as the workflow knows it (icr.evaluation.mtbench computes it)."""

from typing import TYPE_CHECKING, ClassVar

from icr.evaluation.judged.kinds import JUDGED, Average, Judged, Requests
from icr.evaluation.measures import Measure
from icr.workflow.resources import SHARE

if TYPE_CHECKING:  # which imports this package
    from icr.config.mtbench import MtBench as Section

QUESTIONS = 80
"""Questions of MT-Bench, of two turns each."""


@JUDGED.register("mtbench")
class MtBench(Judged):
    """Two-turn questions, each answer graded from 1 to 10 (Tables 3 and 15)."""

    measures: ClassVar = {
        "mt_bench_score": Measure(
            "score", "score_se", 2, "questions.csv", "id", "score", heading="score"
        )
    }
    averages = (
        Average("MT-Bench, English", "score", ".2f", english=True),
        Average("MT-Bench, other languages", "score", ".2f"),
    )
    caption = "MT-Bench: the judge's mean grade of two-turn answers."
    alternative = "Grades of the policies by language."
    together = True

    @staticmethod
    def responses(section: "Section") -> tuple[int, int]:
        """Two answers to each question; most reach the token limit."""
        return 2 * (section.count or QUESTIONS), int(section.max_tokens / SHARE / 2)

    @staticmethod
    def requests(section: "Section", sampled_tokens: int) -> Requests:
        """One grading of each answer; that of the second turn contains the first."""
        return Requests(2 * (section.count or QUESTIONS), 2 * section.max_tokens, 250)
