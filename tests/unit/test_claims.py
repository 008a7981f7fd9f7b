"""The paper's claims, tested in the miniature."""

import itertools

import numpy as np
import pandas as pd
import pytest
from configurations import raw, shipped

from icr.config import load_config
from icr.errors import InputError
from icr.miniature.claims import (
    CHANCE,
    MEASURES,
    accuracy_difference,
    agreement,
    decide,
    length_difference,
    metric_difference,
    read_claims,
    triple_difference,
    win_rate,
)
from icr.miniature.world import World
from icr.storage.project import ROOT
from icr.workflow.claims import Claims
from icr.workflow.study import Study

CLAIMS = ROOT / "config/miniature/claims.yaml"
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


def rewards(right):
    """Rewarded triples of one language: whether each triple is right, by fact."""
    facts = [(fact, n, value) for fact, values in right.items() for n, value in enumerate(values)]
    rows = [
        {"id": f"fact/{fact}/{n}", "subset": "fact", "chosen": float(value), "rejected": 0.0}
        for fact, n, value in facts
    ]
    other = {"id": "form/a/0", "subset": "form", "chosen": 0.0, "rejected": 1.0}
    return pd.DataFrame([*rows, other])


SPANISH = rewards({"a": [1, 1], "b": [1, 0], "c": [0, 0]})
RUSSIAN = rewards({"a": [1, 1], "b": [1, 1], "c": [1, 0]})


def test_a_reward_is_compared_with_chance_over_facts_and_ties_are_wrong():
    """By fact: 1, 0.75, 0.25."""
    value, error = triple_difference([SPANISH, RUSSIAN], None)
    assert value == pytest.approx(2 / 3 - 0.5)
    assert error == pytest.approx(np.std([1, 0.75, 0.25], ddof=1) / np.sqrt(3))


def test_two_rewards_are_compared_fact_by_fact():
    """By fact and language: (1 - 1, 0.5 - 1, 0 - 0.5), and 0 in the other language."""
    value, error = triple_difference([SPANISH, SPANISH], [RUSSIAN, SPANISH])
    assert value == pytest.approx(-1 / 6)
    assert error == pytest.approx(np.std([0, -0.25, -0.25], ddof=1) / np.sqrt(3))


def test_triples_of_other_sets_are_refused():
    with pytest.raises(InputError, match="subset 'fact'"):
        triple_difference([SPANISH.assign(subset=None)], None)


def decided(study):
    """The claims that a run decides."""
    claims = read_claims(CLAIMS)
    return Claims(claims, study.policies, study.blocks, study.evaluations, study.rewardbench)


def test_a_claim_about_rewards_reads_the_triples_in_its_languages():
    claims = decided(shipped("demo-transfer"))
    files = claims.triples
    folder = "results/demo-transfer/rewardbench"
    assert files["miniature-rm-{language}-damaged"] == {
        "es": f"{folder}/natural/miniature-rm-es-damaged/es/triples.parquet",
        "ru": f"{folder}/natural/miniature-rm-ru-damaged/ru/triples.parquet",
    }
    implicit = "crosslingual/miniature-dpo-against-miniature-sft"
    assert list(files[implicit]) == ["es", "ru", "de", "fr"]
    assert files[implicit]["de"] == f"{folder}/{implicit}/de/triples.parquet"
    assert CHANCE not in files and set(files["miniature-rm-en"]) == {"es", "ru", "de", "fr"}


def test_a_run_decides_the_claims_about_rewards_that_it_tests():
    of_rewards = [c["claim"] for c in read_claims(CLAIMS) if c["measure"] == "rewardbench"]

    def claimed(study):
        return [c["claim"] for c in decided(study).claims if c["measure"] == "rewardbench"]

    assert claimed(shipped("demo-transfer")) == of_rewards
    assert claimed(shipped("demo")) == [] and of_rewards[0] in claimed(shipped("demo-all"))
    config = raw("demo-transfer")
    config["evaluation"]["rewardbench"]["languages"] = ["en", "es"]
    assert claimed(Study(load_config(config))) == []
    config = raw("demo-transfer")
    config["evaluation"]["rewardbench"]["models"].remove("miniature-rm-ru")
    assert set(of_rewards) - set(claimed(Study(load_config(config)))) == set(of_rewards[1:4])


def test_every_claim_is_decided_by_a_shipped_configuration():
    names = ("demo", "demo-all", "demo-transfer")
    claims = {c["claim"] for name in names for c in decided(shipped(name)).claims}
    assert claims == {claim["claim"] for claim in read_claims(CLAIMS)}


def test_a_policy_that_is_not_trained_is_not_compared():
    """Else the claims of reward models would train main."""
    claims = decided(shipped("demo-transfer"))
    compared = {p for c in claims.claims if c["measure"] == "win_rate" for p in c["policies"]}
    trained = {"croco-64-1", "croco-64-lowest-1"}
    assert compared == {"miniature-dpo", "miniature-sft"} | trained


def test_both_configurations_train_the_same_english_reward_model():
    """So a claim about it has one measured value."""

    def trained(name):
        study = shipped(name)
        config = study.config
        return (
            *(config.models[m] for m in ("miniature-sft", "miniature-dpo", "miniature-rm-en")),
            *(config.preferences[p] for p in ("miniature", "miniature-triples")),
            study.parameters.miniature_sft("miniature-sft"),
            config.aligned_training("miniature-dpo"),
        )

    assert trained("demo-transfer") == trained("demo-all")


def test_shipped_claims_are_valid_and_an_invalid_one_is_named(tmp_path):
    claims = read_claims(CLAIMS)
    assert {claim["measure"] for claim in claims} == set(MEASURES)
    assert len({claim["claim"] for claim in claims}) == len(claims)
    for row in (
        "beauty: [a, b]",
        "win_rate: [a, b], length: [a, b]",
        "",
        "and so: , length: [a, b]",
        "rewardbench: [a, b]",
        "rewardbench: [a], languages: [es]",
        "rewardbench: [chance, b], languages: [es]",
        "win_rate: [a, b], languages: [es]",
        "win_rate: [a, chance]",
    ):
        (tmp_path / "claims.yaml").write_text(f"- {{claim: better, {row}}}")
        with pytest.raises(InputError, match="better"):
            read_claims(tmp_path / "claims.yaml")
