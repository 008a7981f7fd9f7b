"""What each metric of the paper is read from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Where a metric stands in the files that an evaluation writes."""

    evaluation: str
    """Folder of the evaluation: ``results/{run}/{evaluation}/{policy}/{language}``."""
    value: str
    """Key in metrics.json, dotted."""
    error: str | None
    """Key of the standard error, where there is one."""
    digits: int
    """Decimals that the paper prints."""
    questions: str | None = None
    """File of single answers, for the bootstrap."""
    unit: str = ""
    """Column of that file which tells the questions apart."""
    answer: str = ""
    """Column of that file whose mean is the metric, but for ``scale`` and a constant."""
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
"""By the name that the paper's data uses. LC comes from a fit over all questions, so that its
interval is taken from the standard error of the fit."""

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
"""How a metric or a setting is called in a table's head, where its own name will not do."""
