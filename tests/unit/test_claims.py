"""The paper's claims, tested in the miniature."""

import itertools

import numpy as np
import pandas as pd
import pytest

from icr.errors import InputError
from icr.miniature.claims import (
    MEASURES,
    accuracy_difference,
    agreement,
    decide,
    length_difference,
    metric_difference,
    read_claims,
    win_rate,
)
from icr.miniature.world import World
from icr.storage.project import ROOT

FACTS = ROOT / "config/miniature/facts.yaml"
CLAIM = {"claim": "a", "measure": "win_rate", "policies": ["x", "y"]}


def answers(score, length=1):
    """Two answers to each of three facts in two languages; scores and lengths grow by fact."""
    rows = [
        {"language": la, "fact": f"f{n}", "score": score + n, "response": "x" * (length + n)}
        for la, n, _ in itertools.product(("en", "es"), range(3), range(2))
    ]
    return pd.DataFrame(rows)


def test_the_better_policy_wins_and_ties_count_half():
    assert win_rate(answers(1.5), answers(1.0), ["en", "es"]) == (1.0, 0.0)
    assert win_rate(answers(1.0), answers(1.5), ["es"]) == (0.0, 0.0)
    assert win_rate(answers(1.0), answers(1.0), ["es"]) == (0.5, 0.0)


def test_the_standard_error_is_over_facts():
    ahead = answers(1.0)
    ahead.loc[ahead["fact"] == "f0", "score"] += 0.5
    value, error = win_rate(ahead, answers(1.0), ["en", "es"])
    values = np.array([1.0, 0.5, 0.5])
    assert value == pytest.approx(values.mean())
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(3))


def test_length_is_counted_in_characters():
    assert length_difference(answers(1, 7), answers(1, 4), ["en", "es"]) == (3.0, 0.0)


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(0.53, 0.01, "shown"), (0.51, 0.01, "not shown"), (0.46, 0.01, "the opposite is shown")],
)
def test_two_standard_errors_decide(value, error, verdict):
    assert decide(CLAIM, value, error)["verdict"] == verdict


def test_metrics_of_evaluations_are_compared_over_languages():
    before = [{"score": 5.0, "score_se": 0.3}, {"score": 6.0, "score_se": 0.4}]
    after = [{"score": 7.0, "score_se": 0.0}, {"score": 7.0, "score_se": 0.0}]
    assert metric_difference(after, before, "mtbench") == (pytest.approx(1.5), pytest.approx(0.25))
    truthfulqa = [{"truthfulqa_mc2": {"value": value, "stderr": 0.1}} for value in (0.5, 0.7)]
    value, error = metric_difference(truthfulqa[1:], truthfulqa[:1], "mc2")
    assert (value, error) == (pytest.approx(0.2), pytest.approx(0.1 * np.sqrt(2)))


def test_a_reward_agrees_with_the_oracle_where_it_prefers_the_truth():
    world = World(FACTS)
    fact = next(iter(world.facts.values()))
    wrong = world.unsure_answer(fact, "es", fact.wrong[0])
    texts = [world.full_answer(fact, "es", fact.number), wrong, wrong]
    samples = pd.DataFrame({"id": f"{fact.name}-0", "index": range(3), "response": texts})
    right = samples[["id", "index"]].assign(reward=[1.0, 0.5, 0.2])
    wrong = samples[["id", "index"]].assign(reward=[0.3, 0.5, 0.2])
    assert agreement(world, "es", samples, right).tolist() == [1.0]  # ties do not count
    assert agreement(world, "es", samples, wrong).tolist() == [0.5]


def test_accuracies_are_compared_prompt_by_prompt():
    ahead = [pd.Series({"a": 0.8, "b": 0.6}), pd.Series({"a": 0.7})]
    behind = [pd.Series({"a": 0.6, "b": 0.6, "c": 0.1}), pd.Series({"a": 0.6})]
    value, error = accuracy_difference(ahead, behind)
    assert value == pytest.approx(0.1)
    assert error == pytest.approx(0.1 / np.sqrt(3))


def test_shipped_claims_are_valid_and_an_invalid_one_is_named(tmp_path):
    claims = read_claims(ROOT / "config/miniature/claims.yaml")
    assert {claim["measure"] for claim in claims} == set(MEASURES)
    assert len({claim["claim"] for claim in claims}) == len(claims)
    for row in (
        "beauty: [a, b]",
        "win_rate: [a, b], length: [a, b]",
        "",
        "and so: , length: [a, b]",
    ):
        (tmp_path / "claims.yaml").write_text(f"- {{claim: better, {row}}}")
        with pytest.raises(InputError, match="better"):
            read_claims(tmp_path / "claims.yaml")
