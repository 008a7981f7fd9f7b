"""Where each metric of the paper is read from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """The location of a metric in the files that an evaluation writes."""

    evaluation: str
    """Folder of the evaluation: ``results/{run}/{evaluation}/{policy}/{language}``."""
    value: str
    """Dotted key in metrics.json."""
    error: str | None
    """Dotted key of the standard error; None if there is none."""
    digits: int
    """Decimals, as in the paper."""
    questions: str | None = None
    """File with one row per answer, for the bootstrap."""
    unit: str = ""
    """Column of that file that identifies the question."""
    answer: str = ""
    """Column of that file whose mean is the metric, up to ``scale`` and a constant."""
    scale: float = 1.0


def _benchmark(task: str) -> Measure:
    return Measure("nlp", f"{task}.value", f"{task}.stderr", 4)


def _leaderboard(value: str, error: str | None, digits: int, answer: str, scale: float) -> Measure:
    return Measure("xalpacaeval", value, error, digits, "questions.csv", "index", answer, scale)


MEASURES = {
    "LC": Measure("xalpacaeval", "lc_win_rate", "lc_win_rate_se", 2),
    "WR": _leaderboard("win_rate", "win_rate_se", 2, "preference", 100.0),
    "Len": _leaderboard("length", None, 1, "length", 1.0),
    "mt_bench_score": Measure("mtbench", "score", "score_se", 2, "questions.csv", "id", "score"),
    "reward_accuracy": Measure(
        "reward-accuracy", "accuracy", None, 2, "pairs.csv", "id", "verdict"
    ),
    "arc_challenge": _benchmark("arc"),
    "hellaswag": _benchmark("hellaswag"),
    "mmlu": _benchmark("mmlu"),
    "truthfulqa_mc1": _benchmark("truthfulqa_mc1"),
    "truthfulqa_mc2": _benchmark("truthfulqa_mc2"),
}
"""By metric name, as in config/paper/. LC comes from a fit over all questions, so its interval is
taken from the standard error of that fit."""

NAMES = {
    "mt_bench_score": "score",
    "reward_accuracy": "accuracy",
    "arc_challenge": "ARC challenge",
    "hellaswag": "HellaSwag",
    "mmlu": "MMLU",
    "truthfulqa_mc1": "TruthfulQA MC1",
    "truthfulqa_mc2": "TruthfulQA MC2",
    "base_model": "base model",
    "training_dataset": "training prompts",
    "training_size": "training size",
    "warm_up": "warm-up",
    "epoch": "epochs",
    "beta": "β",
}
"""Column headings of metrics and settings whose own names are unsuitable."""
