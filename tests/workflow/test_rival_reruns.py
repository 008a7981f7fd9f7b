"""What a changed setting of a rival reruns, by plans: the jobs whose inputs or parameters change.

Whatever reads their outputs runs again with them. No job has run; files that jobs of several
languages share exist, so that a new language does not rename them.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkout import ROOT, Checkout

API = "http://127.0.0.1:9/v1"
PAGES = ("table", "rewardbench_table", "figure", "report", "provenance", "claims")
"""Rules that show results, by the beginnings of their names."""


def base():
    """The miniature with CroCo's rows, an arena, and reward models tested on triples."""
    config = yaml.safe_load((ROOT / "config/demo-all.yaml").read_text(encoding="utf-8"))
    rows, models, sets = (config[key] for key in ("experiments", "models", "preferences"))
    main = {**rows["main"], "iterations": 1, "languages": ["en", "es"]}
    target = {
        **rows["english-reward-model"],
        "reward": {"view": "natural", "model": "rm-{language}"},
    }
    config["experiments"] = {
        "main": main, "in-language": rows["croco-pairs"], "pooled": rows["croco-pooled"],
        "target": target,
    }  # fmt: skip
    for row in ("in-language", "pooled"):
        config["experiments"][row]["reward"] = {"view": "natural", "model": "rm-en"}
    sets["translated"] = {
        "source": {
            "english": {"hub": "owner/pairs"},
            "translate": {"backend": "llm", "model": "miniature-sft"},
        },
        "languages": ["en", "es"],
    }
    sets["other-triples"] = sets["miniature-triples"]
    source = {"reward": "miniature-sft", "preferences": "translated", "languages": ["es"]}
    config["models"] = {
        "miniature-sft": models["miniature-sft"], "miniature-dpo": models["miniature-dpo"],
        "rm-en": models["miniature-rm-en"], "rm-es": {"source": source},
    }  # fmt: skip
    config["judges"] = {name: {"model": name, "api": API} for name in ("mistral", "other")}
    arena = {"questions": "miniature", "judge": "mistral", "policies": ["main-1", "pooled-1"],
             "languages": ["es"]}  # fmt: skip
    bench = {"triples": "miniature-triples", "weights": "config/miniature/rewardbench.csv",
             "models": ["rm-en", "rm-es"], "languages": ["es"]}  # fmt: skip
    config["evaluation"] = {"own": {"arena": arena}, "rewardbench": bench}
    return config


def rejected_judge_weights_and_translator():
    config = base()
    config["experiments"]["in-language"]["pairs"] |= {"settings": {"rejected": "lowest"}}
    config["experiments"]["pooled"]["training"] |= {"weight_decay": 0.1}
    config["evaluation"]["own"]["arena"]["judge"] = "other"
    config["evaluation"]["rewardbench"]["weights"] = "config/rewardbench.csv"
    config["preferences"]["translated"]["source"]["translate"] = {"backend": "google"}
    return config


def responses_opponent_length_and_training_of_a_reward_model():
    config = base()
    config["experiments"]["in-language"]["pairs"] |= {"responses": 4}
    config["evaluation"]["own"]["arena"]["opponent"] = "miniature-sft"
    config["scoring"]["max_length"] = 100
    config["models"]["rm-es"]["source"] |= {"training": {"epochs": 3}}
    return config


def pool_test_set_and_second_reward_model():
    config = base()
    config["experiments"]["in-language"]["pairs"] |= {"pool": "languages"}
    config["experiments"]["in-language"]["training"] = {"nll_weight": 0.5}
    config["models"]["second"] = config["models"]["rm-es"]
    reward = {"view": "natural", "model": "second"}
    config["experiments"]["second"] = {"reward": reward, "iterations": 1}
    config["evaluation"]["rewardbench"]["triples"] = "other-triples"
    return config


def language():
    config = base()
    config["experiments"]["main"]["languages"].append("de")
    source = config["models"]["rm-en"]["source"]
    config["models"]["rm-de"] = {"source": {**source, "languages": ["de"]}}
    config["evaluation"]["rewardbench"]["languages"].append("de")
    return config


CHANGES = [
    rejected_judge_weights_and_translator,
    responses_opponent_length_and_training_of_a_reward_model,
    pool_test_set_and_second_reward_model,
    language,
]


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """By configuration, the jobs of its plan by first output."""
    checkout = Checkout(tmp_path_factory.mktemp("reruns"))

    def planned(*configurations):
        names = [made.__name__ for made in configurations]
        for made, name in zip(configurations, names, strict=True):
            (checkout.folder / f"{name}.yaml").write_text(yaml.safe_dump(made()))
        command = [
            sys.executable,
            str(ROOT / "tests/planned_jobs.py"),
            *(f"{n}.yaml" for n in names),
        ]
        done = subprocess.run(command, cwd=checkout.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return {Path(file).stem: jobs for file, jobs in json.loads(done.stdout).items()}

    before = planned(base)
    for file in before["base"]:
        if file.startswith("results/") and file.endswith(".parquet"):
            path = checkout.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return before | planned(*CHANGES)


def reruns(plans, configuration):
    """The jobs of both plans whose inputs or parameters differ, without tables and figures."""
    return {
        shown(file)
        for file, job in plans[configuration.__name__].items()
        if job != plans["base"].get(file, job) and not job[0].startswith(PAGES)
    }


def additions(plans, configuration):
    """The jobs that only the configuration's plan has, without tables and figures."""
    jobs = plans[configuration.__name__]
    new = jobs.keys() - plans["base"].keys()
    return {shown(file) for file in new if not jobs[file][0].startswith(PAGES)}


def shown(file):
    """The path of a job's first output below the run's folder, without its suffix."""
    return file.removeprefix("results/demo-all/").split(".")[0]


IN_LANGUAGE = {"pairs/in-language-1/en", "pairs/in-language-1/es"}
ARENA = {"arena/main-1/es/metrics", "arena/pooled-1/es/metrics"}
"""Verdicts, but no answers."""
METRICS = {f"rewardbench/natural/{model}/es/metrics" for model in ("rm-en", "rm-es")}


def test_settings_of_pairs_judge_weights_and_translator_rerun_what_they_decide(plans):
    change = rejected_judge_weights_and_translator
    translated = {"resources/preferences/translated/es"}  # and not the English pairs
    training = {"policies/pooled-1"}
    assert reruns(plans, change) == IN_LANGUAGE | training | ARENA | METRICS | translated
    assert additions(plans, change) == set()


def test_a_limit_of_length_reruns_rewards_and_an_opponent_only_verdicts(plans):
    change = responses_opponent_length_and_training_of_a_reward_model
    rewards = {
        f"natural-rewards/{model}/miniature-dpo/miniature/{language}/0000"
        for model, language in (("rm-en", "en"), ("rm-en", "es"), ("rm-es", "es"))
    }
    assert reruns(plans, change) == IN_LANGUAGE | rewards | ARENA | {"models/rm-es"}
    assert additions(plans, change) == {"arena/miniature-sft/answers/es"}


def test_a_pool_a_test_set_and_another_reward_model_leave_samples_and_rewards(plans):
    change = pool_test_set_and_second_reward_model
    scores = {f"rewardbench/scores/natural/{model}/es" for model in ("rm-en", "rm-es")}
    trained = {"pairs/in-language-1/en", "policies/in-language-1"}
    assert reruns(plans, change) == trained | scores | METRICS
    assert additions(plans, change) == {
        "models/second",
        "natural-rewards/second/miniature-dpo/miniature/en-es/0000",
        "pairs/second-1/en",
        "pairs/second-1/es",
        "policies/second-1",
        "resources/preferences/other-triples/es",
    }


def test_a_language_reruns_pooled_pairs_and_trainings_alone(plans):
    rows = ("main", "in-language", "pooled", "target")
    trained = {f"policies/{row}-1" for row in rows}
    assert reruns(plans, language) == trained | {"pairs/pooled-1/en"}
    added = additions(plans, language)
    assert {"models/rm-de", "rewardbench/natural/rm-en/de/metrics"} <= added
    assert all("de" in path.replace("models/rm-", "").split("/") for path in added), added
