"""NLP benchmarks: tasks by language, metrics and figures."""

import csv
import math
from pathlib import Path

import pytest
from configurations import raw

from icr.config import load_config
from icr.errors import InputError
from icr.evaluation.nlp.metrics import language_metrics
from icr.evaluation.nlp.tasks import BENCHMARKS, Task
from icr.figures.nlp import benchmark_scores
from icr.miniature.choices import choices
from icr.miniature.world import World

ROOT = Path(__file__).resolve().parents[2]


def nlp(name="config", **changes):
    config = raw(name)
    config["evaluation"]["nlp"] |= changes
    return load_config(config).evaluation.nlp


def names(section, language):
    return {task.benchmark: task.name for task in section.tasks(language)}


def test_the_papers_tasks():
    section = nlp()
    assert names(section, "en") == {
        "arc": "arc_challenge",
        "hellaswag": "hellaswag",
        "mmlu": "mmlu",
        "truthfulqa_mc1": "truthfulqa_mc1",
        "truthfulqa_mc2": "truthfulqa_mc2",
    }
    assert names(section, "ru") == {
        "arc": "arc_ru",
        "hellaswag": "hellaswag_ru",
        "mmlu": "m_mmlu_ru",
        "truthfulqa_mc1": "truthfulqa_ru_mc1",
        "truthfulqa_mc2": "truthfulqa_ru_mc2",
    }
    assert {task.benchmark: task.shots for task in section.tasks("ru")} == {
        **dict.fromkeys(BENCHMARKS, 0),
        "mmlu": 5,
    }
    assert not any(task.substitute for la in section.languages for task in section.tasks(la))


def test_the_papers_standard_errors_follow_from_these_tasks():
    """Each printed English error is √(p(1 − p)/(n − 1)) of the original test set."""
    printed = ROOT / "config" / "paper" / "table14.csv"
    sizes = {"arc_challenge": 1172, "hellaswag": 10042, "truthfulqa_mc1": 817}
    with printed.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == "en"]
    for row in rows:
        if row["metric"] in sizes:
            p, n = float(row["value"]), sizes[row["metric"]]
            assert abs(math.sqrt(p * (1 - p) / (n - 1)) - float(row["stderr"])) < 2e-4, row


@pytest.mark.parametrize("language", ["sw", "th"])
def test_languages_that_okapi_lacks_have_marked_substitutes(language):
    tasks = nlp(languages=[language]).tasks(language)
    assert [task.benchmark for task in tasks] == ["arc", "hellaswag", "mmlu"]
    assert all(task.substitute for task in tasks)


def test_a_task_and_a_substitute_can_be_named():
    changed = {"mmlu": {"tasks": {"th": "my_th"}, "shots": 2}, "arc": {"substitutes": {"de": "x"}}}
    section = nlp(languages=["th", "de"], benchmarks=changed)
    (thai,) = [task for task in section.tasks("th") if task.benchmark == "mmlu"]
    assert thai == Task("mmlu", "my_th", 2, "acc")
    assert [task.substitute for task in section.tasks("de")] == [False, True]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"languages": ["xx"]}, "unknown language 'xx'"),
        ({"languages": ["ja"]}, "no benchmark has a task in 'ja'; name one under"),
        ({"benchmarks": {"arcs": {}}}, "unknown benchmark 'arcs'; shipped: arc, hellaswag"),
        ({"benchmarks": {"mine": {"template": "x"}}}, "'template' and 'data' go together"),
        ({"policies": ["main-7"]}, r"nlp\.policies: unknown policy 'main-7'"),
        ({"backend": "tf"}, "'hf' or 'vllm'"),
        ({"shots": 5}, r"nlp\.shots: unknown key"),
    ],
)
def test_bad_settings_are_named_before_any_job(changes, message):
    with pytest.raises(InputError, match=message):
        nlp(**changes)


def score(**metrics):
    return {"arc": {"task": "arc_es", "shots": 0, "metrics": metrics, "n": 9, "parts": {}}}


def test_metrics_keep_value_error_and_origin():
    metrics = language_metrics(
        score(**{"acc,none": 0.5, "acc_stderr,none": 0.1, "acc_norm,none": 0.7}),
        [Task("arc", "arc_es", 0, "acc")],
    )
    assert metrics == {
        "arc": {
            "value": 0.5,
            "stderr": 0.1,
            "task": "arc_es",
            "metric": "acc",
            "shots": 0,
            "substitute": False,
            "n": 9,
        }
    }


@pytest.mark.parametrize("missing", [{}, {"exact_match_stderr,strict": None}])
def test_a_missing_standard_error_is_null(missing):
    task = Task("arc", "arc_es", 0, "exact_match,strict")
    metrics = language_metrics(score(**{"exact_match,strict": 0.5, **missing}), [task])
    assert (metrics["arc"]["value"], metrics["arc"]["stderr"]) == (0.5, None)


def test_a_metric_that_the_task_lacks_is_named():
    values = {"acc,none": 0.5, "acc_stderr,none": 0.1, "f1,none": None}
    with pytest.raises(InputError, match=r"no metric 'acc_norm'; it has acc; set .*arc\.metric"):
        language_metrics(score(**values), [Task("arc", "arc_es", 0, "acc_norm")])


def test_the_miniatures_questions_have_one_right_answer_each():
    world = World(ROOT / "config/miniature/facts.yaml")
    rows = choices(world, "ru")
    assert len(rows) == 40
    for row, fact in zip(rows, world.facts.values(), strict=True):
        assert len(set(row["choices"])) == 4
        assert row["choices"][row["answer"]] == world.full_answer(fact, "ru", fact.number)
        assert row["mc2_targets"]["labels"] == [int(i == row["answer"]) for i in range(4)]
    positions = [row["answer"] for row in rows]
    assert {positions.count(position) for position in range(4)} <= set(range(5, 16)), (
        "no position is favoured"
    )


def test_the_figure_omits_missing_scores_and_marks_substitutes():
    cell = {"value": 0.5, "stderr": 0.1, "substitute": False}
    metrics = {
        ("a", "en"): {"arc": cell, "mmlu": cell},
        ("a", "th"): {"arc": {**cell, "substitute": True, "stderr": None}},
        ("b", "en"): {"arc": cell},
    }
    figure = benchmark_scores(metrics)
    arc, mmlu = (axis for axis in figure.axes if axis.get_visible())
    assert [label.get_text() for label in arc.get_xticklabels()] == ["en", "th*"]
    assert (len(arc.containers), len(mmlu.containers)) == (2, 1)
