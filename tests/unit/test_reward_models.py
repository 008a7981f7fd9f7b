"""Reward models that the workflow trains: their configuration, folders and jobs."""

from types import SimpleNamespace

import pytest
from configurations import raw

from icr.config import load_config
from icr.errors import InputError
from icr.training.reward_model.settings import RewardModelSettings
from icr.workflow.study import Study

SOURCE = {"reward": "llama-3-8b-sft", "preferences": "mp", "languages": ["en"]}
PAIRS = {"source": {"hub": "owner/pairs"}, "languages": ["en", "es"], "size": 86_000}


def config(source=SOURCE, name="rm-en", **changes):
    base = raw()
    models = {**base["models"], name: {"source": source}}
    rows = {**base["experiments"], **changes}
    sets = {"preferences": {"mp": PAIRS}}
    return load_config({**base, "models": models, "experiments": rows, **sets})


def test_a_reward_model_is_made_here_and_labels_an_experiments_responses():
    row = {"reward": {"view": "natural", "model": "rm-en"}, "iterations": 1}
    study = Study(config(english=row))
    assert study.policies.folder("rm-en") == "results/paper/models/rm-en"
    assert "rm-en" not in study.policies.fetched and "rm-en" in study.policies.reward_models
    assert {"rm-en", "llama-3-8b-sft"} <= set(study.policies.needed_models)
    assert study.policies.iterations["english-1"].settings.reward.model == "rm-en"
    step = study.policies.iterations["english-1"]
    path = study.blocks.natural_rewards(step, "es")[0]
    assert path.startswith("results/paper/natural-rewards/rm-en/llama-3-8b-sft-dpo/ultrafeedback/")


def by_language(models=("en", "es"), **row):
    """The paper's configuration with an experiment ``target`` and reward models by language."""
    base = raw()
    for language in models:
        source = {**SOURCE, "languages": [language]}
        base["models"][f"rm-{language}"] = {"source": source, "judgements": 86_000}
    natural = {"view": "natural", "model": "rm-{language}"}
    target = {"reward": natural, "length_penalty": {"mode": "none"}, "iterations": 1}
    base["experiments"]["main"]["languages"] = ["en", "es"]
    base["experiments"]["english"] = {**target, "reward": {**natural, "model": "rm-en"}}
    base["experiments"]["target"] = {**target, **row}
    base["evaluation"] = {}
    return load_config({**base, "preferences": {"mp": PAIRS}})


def test_a_reward_model_by_language_of_the_prompt():
    study = Study(by_language())
    blocks, decisions = study.blocks, study.decisions
    steps = study.policies.iterations
    english, target = steps["english-1"], steps["target-1"]
    assert {"rm-en", "rm-es"} <= study.policies.reward_models
    assert {"rm-en", "rm-es"} <= set(study.policies.needed_models)
    assert blocks.natural_rewards(english, "en") == blocks.natural_rewards(target, "en")
    (file,) = blocks.natural_rewards(target, "es")
    assert file.startswith("results/paper/natural-rewards/rm-es/llama-3-8b-sft-dpo/ultrafeedback/")
    assert [path.split("/")[3] for path in decisions.of_step(target, "es")] == ["rm-es"]
    assert study.parameters.made("target-1")["reward"] == "rm-en, rm-es"
    rewards = {path for path in blocks.files(target) if "/natural-rewards/" in path}
    assert {path.split("/")[3] for path in rewards} == {"rm-en", "rm-es"}


def test_reward_models_by_language_are_a_system_of_their_own():
    rivals = Study(by_language()).rivals
    systems = {rival.policy: rival.system for rival in rivals.rivals}
    assert (systems["english-1"], systems["target-1"]) == ("english-rm", "target-rm")
    assert rivals.beside()["target-1"]["judgements"] == 61_135 + 2 * 86_000
    assert rivals.beside()["english-1"]["judgements"] == 61_135 + 86_000


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            {"languages": ["en", "es", "de"]},
            r"target\.reward\.model: unknown model 'rm-de'; 'rm-\{language\}' names one for each",
        ),
        ({"reward": {"view": "natural", "model": "rm-{lang}"}}, r"target\.reward\.model: "),
        ({"pairs": {"pool": "languages"}}, "rewards of different models cannot be compared"),
    ],
)
def test_a_mistake_in_reward_models_by_language(row, problem):
    with pytest.raises(InputError, match=problem):
        by_language(**row)


def test_training_is_that_of_the_paper_by_default():
    study = Study(config())
    settings = RewardModelSettings(**study.parameters.reward_model_training("rm-en"))
    stated = settings.stated()
    assert stated["loss"] == "bradley-terry" and settings.learning_rate == 1e-5
    assert (settings.global_batch, settings.warmup, settings.epochs) == (128, 0.1, 1)
    assert (settings.max_length, settings.precision, settings.seed) == (2048, "bfloat16", 42)


def test_a_training_has_its_price():
    study = Study(config())
    request = study.jobs.train_reward_model(SimpleNamespace(policy="rm-en"))
    assert request.gpus == 4 and study.work.parameters("rm-en") == 8e9
    # 86,000 pairs of 2 × 660 tokens × 10 FLOP × 8e9 weights at 120 TFLOP/s on 4 GPUs: 5 hours.
    assert 4 * 60 < request.expected < 7 * 60


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({**SOURCE, "reward": "nobody"}, r"rm-en\.source\.reward: unknown model 'nobody'"),
        ({**SOURCE, "reward": "rm-en"}, "'rm-en' is a reward model, which cannot answer"),
        ({**SOURCE, "reward": "tulu-v2.5-13b-rm"}, "'tulu-v2.5-13b-rm' is a reward model"),
        ({**SOURCE, "reward": "llama-3-70b-instruct"}, "needs 4 GPUs; only models on one GPU"),
        ({**SOURCE, "preferences": "no"}, "unknown preference set 'no'; known: mp"),
        ({**SOURCE, "languages": ["en", "it"]}, "set 'mp' has no 'it'; it has en, es"),
        ({**SOURCE, "languages": []}, "languages"),
        ({**SOURCE, "training": {"global_batch": 30}}, "global_batch 30 is not a multiple of"),
    ],
)
def test_a_mistake_in_a_reward_model(source, problem):
    with pytest.raises(InputError, match=problem):
        config(source)


@pytest.mark.parametrize("key", ["start", "reference"])
def test_a_reward_model_cannot_answer(key):
    with pytest.raises(InputError, match=rf"experiments\.odd\.{key}: 'rm-en' is a reward model"):
        config(odd={key: "rm-en"})


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("nobody", r"odd\.reward\.model: unknown model 'nobody'$"),
        ("llama-3-8b-sft", r"odd\.reward\.model: 'llama-3-8b-sft' answers prompts; a reward model"),
        ("llama-3-70b-instruct", r"odd\.reward\.model: 'llama-3-70b-instruct' needs 4 GPUs"),
        (
            "aya-23-8b",
            r"policies \(aya-23-8b\): 'aya-23-8b' is a reward model, which cannot answer",
        ),
    ],
)
def test_a_model_that_answers_is_no_reward_model(model, problem):
    with pytest.raises(InputError, match=f"(?m){problem}"):
        config(odd={"reward": {"view": "natural", "model": model}, "iterations": 1})
