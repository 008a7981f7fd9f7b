"""The arena: orders, verdicts, opponents, and CroCo's length control."""

import numpy as np
import pandas as pd
import pytest
from configurations import raw
from refusals import refusal
from scipy.optimize import minimize
from test_own_benchmarks import Judge

from icr.config import load_config
from icr.evaluation.judged import JUDGED, Question
from icr.evaluation.length_control import length_controlled
from icr.evaluation.single_turn import contest_metrics, grade, metrics, warn_unparsed
from icr.workflow.study import Study

ARENA = JUDGED["arena"]


@pytest.mark.parametrize(
    ("text", "preference"),
    [
        ("The first is better. [[1]]", 1.0),
        ("[[2]]", 0.0),
        ("[[1]] at first sight, but [[T]]", 0.5),
        ("[[3]] or [1]", None),
        ("", None),
    ],
)
def test_the_last_verdict_counts(text, preference):
    assert ARENA.parse(text) == preference


def test_each_question_is_shown_in_one_random_order():
    questions = [Question(str(n), "da", "{q}?") for n in range(400)]
    swapped = [ARENA.swapped(question) for question in questions]
    assert 150 < sum(swapped) < 250
    assert swapped != [ARENA.swapped(Question(str(n), "ga", "?")) for n in range(400)]
    for question in questions[:20]:
        [message], parse = ARENA.asked(question, "{first} mine", "theirs")
        text = message["content"]
        first = text.index("theirs") < text.index("{first} mine")
        assert first == ARENA.swapped(question) and "{q}?" in text
        assert parse("[[1]]") == (0.0 if first else 1.0)
        assert parse("[[T]]") == 0.5 and parse("none") is None


def test_verdicts_become_a_win_rate_and_a_length_controlled_one(capsys):
    questions = [Question(str(n), "da", "?") for n in range(3)]
    answers = {f"da/{n}": "mine" * (n + 1) for n in range(3)}
    opponents = {f"da/{n}": "his" for n in range(3)}
    wins = ["[[2]]" if ARENA.swapped(question) else "[[1]]" for question in questions]
    judge = Judge(wins[0], "[[T]]", "no verdict")
    table, _ = grade(judge, "arena", ARENA, questions, answers, 9, opponents)
    assert table["score"].tolist()[:2] == [1.0, 0.5] and table["score"].isna()[2]
    assert {request.temperature for request in judge.requests} == {0.7}
    result = {**metrics(table), **contest_metrics(table, questions, answers, opponents)}
    assert (result["score"], result["length"], result["opponent_length"]) == (0.75, 6.0, 3.0)
    assert result["lc_score"] == pytest.approx(length_controlled([1.0, 0.5], [1, 5]))
    warn_unparsed(result, "da")
    assert "WARNING: da: 1 of 3 verdicts" in capsys.readouterr().out
    assert "have no answer" in refusal(grade, judge, "arena", ARENA, questions, answers, 9, {})


def test_length_control_against_an_independent_minimiser():
    generator = np.random.default_rng(0)
    for _ in range(5):
        preferences = generator.choice([0.0, 0.5, 1.0], 60)
        differences = generator.normal(20, 100, 60) + 150 * preferences

        scaled = np.tanh(differences / differences.std())

        def loss(fit, p=preferences, x=scaled):
            chance = 1 / (1 + np.exp(-(fit[0] + fit[1] * x)))
            likelihood = p * np.log(chance) + (1 - p) * np.log(1 - chance)
            return -likelihood.sum() + fit[1] ** 2

        theta = minimize(loss, [0.0, 0.0], tol=1e-12).x[0]
        expected = pytest.approx(1 / (1 + np.exp(-theta)), abs=1e-5)
        assert length_controlled(preferences, differences) == expected
        assert length_controlled(preferences, differences) < preferences.mean(), "longer wins"


def test_length_control_of_equal_lengths_and_of_unanimous_verdicts():
    assert length_controlled([1.0, 0.5, 0.0, 1.0], [7, 7, 7, 7]) == pytest.approx(0.625)
    assert length_controlled([1.0] * 9, np.arange(9)) == pytest.approx(1.0, abs=1e-6)
    assert length_controlled([0.0] * 9, np.arange(9)) == pytest.approx(0.0, abs=1e-6)


def demo(judge="mistral", **row):
    """The demo with the arena, judged by a model."""
    config = raw("demo")
    config["models"]["rm"] = {"source": {"folder": "data/rm"}}
    reward = {"view": "natural", "model": "rm"}
    config["experiments"]["rm"] = {"reward": reward, "iterations": 1, "train": False}
    config["judges"]["mistral"] = {"model": "m", "api": "http://127.0.0.1:9/v1"}
    policies = ["miniature-dpo", "main-1", "main-2"]
    config["evaluation"]["own"] = {
        "arena": {"questions": "miniature", "judge": judge, "policies": policies, **row}
    }
    return config


def test_the_opponent_is_the_base_model_or_the_one_that_is_named():
    study = Study(load_config(demo()))
    evaluations = study.evaluations
    assert list(evaluations.judged["arena"].languages) == ["main-1", "main-2"]
    assert evaluations.opponent("arena", "main-2") == "miniature-dpo"
    assert evaluations.answering("arena") == ["main-1", "main-2", "miniature-dpo"]
    assert evaluations.opposing("arena", "main-1")[0].startswith(
        "results/demo/arena/miniature-dpo/answers/"
    )
    named = Study(load_config(demo(opponent="main-1"))).evaluations
    assert named.answering("arena") == ["miniature-dpo", "main-2", "main-1"]
    assert named.own_answers("arena", "main-2", "de") == evaluations.own_answers(
        "arena", "main-2", "de"
    ), "answers stay where they are"
    assert named.opposing("mtbench", "main-1") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"opponent": "x"}, "own.arena.opponent: unknown policy 'x'"),
        ({"opponent": "rm"}, "own.arena.opponent: 'rm' is a reward model, which cannot answer"),
        ({"judge": "oracle"}, "own.arena.judge: the oracle does not know"),
    ],
)
def test_mistakes_are_refused_before_any_job(row, message):
    assert message in refusal(load_config, demo(**row))


def test_all_verdicts_unreadable():
    table = pd.DataFrame({"score": [None, None], "problem": ["unparsed"] * 2})
    assert "none of the judge's 2 verdicts holds a score" in refusal(metrics, table)


@pytest.mark.parametrize(("unparsed", "warned"), [(1, False), (2, True)])
def test_a_twentieth_of_the_verdicts_may_be_unreadable(unparsed, warned, capsys):
    warn_unparsed({"unparsed": unparsed, "questions": 20}, "da")
    assert ("WARNING" in capsys.readouterr().out) is warned
