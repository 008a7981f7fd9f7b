"""Accuracy of rewards on preference triples: scores, arithmetic of categories, files, table."""

import math
import runpy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from configurations import raw
from test_reward_model import reward_folder
from tiny import tiny_folder, tiny_tokenizer
from transformers import AutoModelForCausalLM

from icr.config import load_config
from icr.config.load import merged
from icr.errors import InputError
from icr.evaluation.rewardbench.metrics import (
    check_weights,
    metrics,
    read_weights,
    seen_prompts,
)
from icr.evaluation.rewardbench.scores import (
    implicit_rewards,
    log_probabilities,
    reward_model_scores,
)
from icr.evaluation.rewardbench.table import markdown, remarks, rows
from icr.models.chat import prompt_ids
from icr.models.conversations import conversation_ids
from icr.models.load import load_tokenizer
from icr.prompts.languages import crosslingual_instruction
from icr.scoring.reward_model import RewardModel
from icr.storage.files import write_json
from icr.storage.schemas.preferences import ACCURACY
from icr.workflow.study import Study

WEIGHTS = read_weights("config/rewardbench.csv")


def rewards_of(shares, weights=WEIGHTS, count=1000):
    """Triples of every subset, of which a share by category is right."""
    table = []
    for subset, (category, _) in weights.items():
        right = round(shares[category] * count)
        table += [{"subset": subset, "chosen": float(n < right), "rejected": 0.5}
                  for n in range(count)]  # fmt: skip
    return pd.DataFrame(table)


@pytest.mark.parametrize(
    ("chat", "hard", "safety", "reasoning", "average"),
    [
        (92.5, 81.8, 90.2, 95.5, 90.0),
        (89.1, 75.2, 87.3, 95.4, 86.8),
        (96.9, 76.8, 90.5, 97.3, 90.4),
    ],
)
def test_the_score_is_that_of_the_published_cards(chat, hard, safety, reasoning, average):
    """The plain mean of the categories; 86.75 is printed as 86.8."""
    shares = dict(
        zip(
            ["Chat", "Chat Hard", "Safety", "Reasoning"],
            (chat / 100, hard / 100, safety / 100, reasoning / 100),
            strict=True,
        )
    )
    result = metrics(rewards_of(shares), WEIGHTS)
    for category, share in shares.items():
        assert result["categories"][category]["accuracy"] == pytest.approx(share)
    assert math.floor(1000 * result["score"] + 0.5 + 1e-9) / 10 == average


def test_a_category_weighs_its_subsets_by_the_published_counts():
    """Half of Reasoning is math-prm's 983 of 1,966."""
    table = rewards_of(dict.fromkeys(["Chat", "Chat Hard", "Safety", "Reasoning"], 0.0), count=10)
    table.loc[table["subset"] == "math-prm", "chosen"] = 1.0
    table.loc[(table["subset"] == "hep-rust"), "chosen"] = 1.0
    result = metrics(table, WEIGHTS)
    assert result["categories"]["Reasoning"]["accuracy"] == pytest.approx((983 + 164) / 1966)
    assert result["score"] == pytest.approx((983 + 164) / 1966 / 4)
    assert [len([s for s, (c, _) in WEIGHTS.items() if c == name]) for name in
            ("Chat", "Chat Hard", "Safety", "Reasoning")] == [5, 6, 5, 7]  # fmt: skip


def test_equal_rewards_are_wrong_and_counted():
    table = pd.DataFrame(
        {"subset": [None] * 4, "chosen": [1.0, 0.0, 2.0, 3.0], "rejected": [1.0, 0.0, 1.0, 4.0]}
    )
    result = metrics(table, None)
    assert (result["accuracy"], result["ties"], result["triples"]) == (0.25, 2, 4)
    assert result["subsets"] == {"all": {"accuracy": 0.25, "se": (0.25 * 0.75 / 4) ** 0.5,
                                         "triples": 4}}  # fmt: skip
    assert result["score"] is None and result["categories"] == {}


def test_the_standard_error_is_that_of_a_bootstrap_over_triples():
    weights = {"a": ("One", 3.0), "b": ("One", 1.0), "c": ("Two", 1.0)}
    shares = {"One": 0.7, "Two": 0.4}
    table = rewards_of(shares, weights, count=50)
    result = metrics(table, weights)
    draw = np.random.default_rng(0)
    right = (table["chosen"] > table["rejected"]).to_numpy().reshape(3, 50)
    means = np.stack([right[i][draw.integers(0, 50, (4000, 50))].mean(1) for i in range(3)])
    one = (3 * means[0] + means[1]) / 4
    assert result["categories"]["One"]["se"] == pytest.approx(one.std(), rel=0.05)
    assert result["score_se"] == pytest.approx(((one + means[2]) / 2).std(), rel=0.05)


def test_a_subset_without_a_category_is_reported_alone():
    weights = {"a": ("One", 1.0), "b": (None, 1.0)}
    table = rewards_of({"One": 0.5, None: 1.0}, weights, count=10)
    result = metrics(table, weights)
    assert result["score"] == 0.5 and list(result["categories"]) == ["One"]
    assert result["subsets"]["b"]["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"chosen": [1.0, np.nan]}, "a reward of a triple is not a finite number"),
        ({"chosen": [1.0, np.inf]}, "a reward of a triple is not a finite number"),
        ({"chosen": [0.5, 0.5]}, "all rewards of 2 triples are 0.5; none can rank"),
        ({"subset": ["a", "x"]}, "subsets without a weight: x"),
        ({"subset": ["a", "a"]}, "weights of subsets without a triple: b"),
    ],
)
def test_rewards_that_cannot_be_counted(change, problem):
    table = pd.DataFrame({"subset": ["a", "b"], "chosen": [1.0, 2.0], "rejected": [0.5, 0.5]})
    with pytest.raises(InputError, match=problem):
        metrics(table.assign(**change), {"a": ("One", 1.0), "b": ("One", 1.0)})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("category,subset\nA,a\n", "lacks the columns weight"),
        ("category,subset,weight\nA,a,1\nB,a,1\n", "each subset must be named, and once"),
        ("category,subset,weight\nA,a,0\n", "each weight must be a positive number"),
        ("category,subset,weight\nA,a,x\n", "each weight must be a positive number"),
    ],
)
def test_a_bad_file_of_weights(tmp_path, text, problem):
    (tmp_path / "w.csv").write_text(text)
    with pytest.raises(InputError, match=problem):
        read_weights(tmp_path / "w.csv")
    with pytest.raises(InputError, match="without a weight: y"):
        check_weights({"a": ("A", 1.0)}, ["y"])


def triples(count=5):
    return pd.DataFrame(
        [
            {
                "id": str(n),
                "messages": [{"role": "user", "content": f"ask {n}"}],
                "chosen": f"yes {n}",
                "rejected": "no" * (n + 1),
                "subset": None,
            }
            for n in range(count)
        ]
    )


def options(tmp_path, **changes):
    return {"output": tmp_path / "s.parquet", "precision": "float32", "token_budget": 300,
            "chunk": 2, **changes}  # fmt: skip


def test_a_reward_model_scores_whole_conversations(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    table = triples()
    table.at[1, "messages"] = [
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]  # fmt: skip
    scores = reward_model_scores(folder, table, **options(tmp_path))
    model, tokenizer = RewardModel(folder, "float32", 300), load_tokenizer(folder)
    for side in ("chosen", "rejected"):
        ids = [
            conversation_ids(tokenizer, m, text)
            for m, text in zip(table["messages"], table[side], strict=True)
        ]
        np.testing.assert_allclose(scores[side], model.score(ids), atol=1e-5)
    assert scores["id"].tolist() == table["id"].tolist()


def test_a_conversation_beyond_the_context_is_named(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    table = triples()
    table.loc[3, "chosen"] = "long" * 600
    with pytest.raises(InputError, match="triple 3 has a conversation of .* context of 2048"):
        reward_model_scores(folder, table, **options(tmp_path))


def test_a_prompt_beyond_the_policys_context_is_named(tmp_path):
    folder, table = tiny_folder(tmp_path / "policy"), triples()
    long = table.assign(messages=[[{"role": "user", "content": "why? " * 60}]] * 5)
    with pytest.raises(InputError, match="triple 0 has a conversation of .* context of 256"):
        log_probabilities(folder, table, long, "multilingual", "es", **options(tmp_path))
    with pytest.raises(InputError, match="1 sampled prompts have no instruction, first 4"):
        log_probabilities(folder, table, table[:4], "multilingual", "es", **options(tmp_path))


def test_implicit_rewards_are_those_of_plain_torch(tmp_path):
    folders = [tiny_folder(tmp_path / name, seed) for seed, name in enumerate(("policy", "ref"))]
    table, tokenizer = triples(), tiny_tokenizer()
    native = table.assign(messages=[[{"role": "user", "content": f"di {n}"}] for n in range(5)])

    def direct(folder, prompt, response):
        model = AutoModelForCausalLM.from_pretrained(folder)
        before = prompt_ids(tokenizer, prompt)
        ids = [*before, *tokenizer(response, add_special_tokens=False)["input_ids"], 2]
        logps = torch.log_softmax(model(torch.tensor([ids])).logits[0, :-1], -1)
        return logps.gather(1, torch.tensor(ids[1:])[:, None])[len(before) - 1 :].sum().item()

    for view, condition in (("multilingual", "di 2"), ("crosslingual", "ask 2")):
        conditions = native if view == "multilingual" else table
        logps = [
            log_probabilities(
                folder, table, conditions, view, "es",
                **options(tmp_path, output=tmp_path / f"{view}-{folder.name}.parquet"),
            )
            for folder in folders
        ]  # fmt: skip
        rewards = implicit_rewards(*logps, beta=0.1)
        if view == "crosslingual":
            condition = crosslingual_instruction(condition, "es")
        for side in ("chosen", "rejected"):
            expected = [direct(folder, condition, table[side][2]) for folder in folders]
            assert rewards[side][2] == pytest.approx(0.1 * (expected[0] - expected[1]), abs=1e-4)
    with pytest.raises(InputError, match="scored different triples"):
        implicit_rewards(logps[0], logps[1].iloc[::-1].reset_index(drop=True), 0.1)


def test_a_reference_with_another_vocabulary_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("icr.storage.logs.log_to", lambda path: None)
    other = tiny_tokenizer(more=["<other>"])
    models = [tiny_folder(tmp_path / "policy"), tiny_folder(tmp_path / "other", tokenizer=other)]
    scores = [tmp_path / f"{name}.parquet" for name in ("policy", "other")]
    for file in scores:
        pd.DataFrame({"id": ["0"], "chosen": [-1.0], "rejected": [-2.0]}).to_parquet(file)
    source = SimpleNamespace(scores=scores, models=[str(model) for model in models])
    job = SimpleNamespace(input=source, output=None, params=SimpleNamespace(beta=0.1), log=["log"])
    with pytest.raises(InputError, match="different vocabularies .* first '<other>'"):
        runpy.run_path("scripts/rewardbench_metrics.py", init_globals={"snakemake": job})


def test_implicit_rewards_refuse_several_turns(tmp_path):
    table = triples()
    table.at[1, "messages"] = table["messages"][1] * 3
    folder = tiny_folder(tmp_path / "policy")
    with pytest.raises(InputError, match="triple 1 has a conversation of several turns"):
        log_probabilities(folder, table, table, "multilingual", "es", **options(tmp_path))


def test_prompts_of_training_are_counted():
    assert seen_prompts(triples(5), []) is None
    assert seen_prompts(triples(5), [triples(2)]) == 2


PAIRS = {"source": {"hub": "owner/bench"}, "languages": ["en", "es", "ru"]}
BENCH = {
    "triples": "bench",
    "weights": "config/rewardbench.csv",
    "models": ["tulu-v2.5-13b-rm", "rm-en"],
    "implicit": [{"policy": "main-1"}],
}


def config(**changes):
    base = raw()
    source = {"reward": "llama-3-8b-sft", "preferences": "pairs", "languages": ["en"]}
    section = {**BENCH, **changes}
    return load_config(
        {
            **base,
            "models": {**base["models"], "rm-en": {"source": source}},
            "preferences": {"bench": PAIRS, "pairs": PAIRS},
            "evaluation": {**base["evaluation"], "rewardbench": section},
        }
    )


def test_scores_of_policy_and_reference_are_shared():
    bench = Study(config(implicit=[{"policy": "main-1"}, {"policy": "main-2"}])).rewardbench
    assert len(bench.metrics) == (2 + 2 * 2) * 3
    first, second = (f"main-{t}-against-llama-3-8b-sft" for t in (1, 2))
    policy, reference = bench.scores("crosslingual", first, "es")
    assert policy == "results/paper/rewardbench/scores/crosslingual/main-1/es.parquet"
    assert bench.scores("crosslingual", second, "es")[1] == reference
    # English needs no prefix: its scores serve both views.
    assert bench.scores("crosslingual", first, "en") == bench.scores("multilingual", first, "en")
    assert bench.conditions("crosslingual", "es") == bench.conditions("multilingual", "en")
    assert bench.conditions("natural", "es") == []
    assert bench.training_pairs("natural", "rm-en") == ["resources/preferences/pairs/en.parquet"]
    assert bench.training_pairs("natural", "tulu-v2.5-13b-rm") == []


def test_a_tested_reward_model_is_fetched_with_its_head():
    study = Study(config(models=["tulu-v2.5-13b-rm"], languages=["es"]))
    assert "tulu-v2.5-13b-rm" in study.policies.reward_models
    assert study.rewardbench.languages == ["es"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"triples": "no"}, r"rewardbench\.triples: unknown preference set 'no'; known: bench"),
        ({"languages": ["de"]}, "preference set 'bench' has no 'de'; it has en, es, ru"),
        ({"models": ["no"]}, r"rewardbench\.models: unknown model 'no'"),
        ({"models": [], "implicit": []}, "'models' or 'implicit' must name a reward"),
        ({"models": ["rm-en"], "triples": "pairs"}, "'rm-en' is trained on the triples themselves"),
        ({"models": ["aya-23-8b"], "implicit": [{"policy": "aya-23-8b"}]},
         r"implicit \(aya-23-8b\): 'aya-23-8b' is a reward model, which cannot answer"),
        ({"implicit": [{"policy": "main-3"}]}, "unknown policy 'main-3'"),
        ({"implicit": [{"policy": "main-1", "reference": "x"}]}, "unknown reference 'x'"),
        ({"implicit": [{"policy": "llama-3-8b-sft"}]}, "is its own reference, so every reward is"),
        ({"implicit": [{"policy": "rm-en"}]}, "'rm-en' is a reward model, which cannot answer"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_section(changes, problem):
    with pytest.raises(InputError, match=problem):
        config(**changes)


def test_the_table_has_every_reward_by_language(tmp_path):
    shares = dict.fromkeys(["Chat", "Chat Hard", "Safety", "Reasoning"], 0.9)
    result = {**metrics(rewards_of(shares), WEIGHTS), "seen_prompts": 3}
    write_json(result, tmp_path / "metrics.json", ACCURACY)
    measured = {
        ("natural", "rm-en", "en"): result,
        ("natural", "rm-en", "es"): result,
        ("crosslingual", "main-1-against-sft", "es"): result,
    }
    table = rows(measured)
    assert len(table) == 3 * (1 + 1 + 4 + 23)
    text = markdown(table)
    assert "| rm-en (natural) | 90.0 ± 0.2 | 90.0 ± 0.2 | 90.0 |" in text
    assert "| main-1-against-sft (crosslingual) |  | 90.0 ± 0.2 | 90.0 |" in text
    assert text.index("## score") < text.index("## category Chat") < text.index("## subset")


def test_the_table_says_what_limits_the_comparison():
    shares = dict.fromkeys(["Chat", "Chat Hard", "Safety", "Reasoning"], 0.9)
    result = {**metrics(rewards_of(shares), WEIGHTS), "seen_prompts": None}
    measured = {("natural", "rm", language): result for language in ("en", "es")}
    assert remarks(measured) == []
    measured["natural", "rm", "es"] = {**result, "triples": 3, "seen_prompts": 2}
    assert [line[:25] for line in remarks(measured)] == [
        "rm, es: 2 of 3 triples ha", "The languages do not have",
    ]  # fmt: skip
    text = markdown(rows(measured), remarks(measured))
    assert "their numbers: en 23000, es 3." in text.splitlines()[-1]


def test_the_setting_of_hong_et_al():
    """Six reward models on one base, each language of the triples, and the two published ones."""
    study = Study(load_config(raw("reward-transfer")))
    assert len(study.rewardbench.metrics) == 8 * 5
    assert study.policies.iterations["main-1"].settings.reward.model == "rm-en"
    sources = study.policies.trained_reward_models
    assert {len(source.languages) for source in sources.values()} == {1, 5}
    assert study.fetched.preferences_followed("m-rewardbench", "en") == study.rewardbench.triples(
        "es"
    )
    assert study.fetched.preference_source("m-rewardbench", "en")["hub"] == "allenai/reward-bench"


def test_the_papers_rewards_on_m_rewardbench():
    """config/rewardbench.yaml over the paper's configuration: scores are shared, and priced."""
    study = Study(load_config(merged(raw(), raw("rewardbench"))))
    bench = study.rewardbench
    assert study.config.run == "paper" and len(bench.metrics) == (4 + 2 * 3) * 5
    scores = {file for key in bench.metrics for file in bench.scores(*key)}
    # Four reward models; four causal models with the native prompt, and with the English one in
    # the other four languages.
    assert len(scores) == 4 * 5 + 4 * 5 + 4 * 4
    request = study.jobs.triple_scores(SimpleNamespace(scorer="main-2"))
    # 2 × 2,869 responses of 600 tokens by 8e9 weights: minutes.
    assert request.gpus == 1 and 2 < request.expected < 60
    assert bench.triples("ru") == "resources/preferences/m-rewardbench/ru.parquet"
    assert study.fetched.preference_source("m-rewardbench", "ru")["codes"]["ru"] == "rus_Cyrl"
