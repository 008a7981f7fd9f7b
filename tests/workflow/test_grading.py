"""MT-Bench and reward accuracy by their rules, with tiny models, a user's files and a fake judge.

Another language is a change of the configuration alone."""

import json
import os
import shutil

import pandas as pd
import pytest
import yaml
from checkout import Checkout
from endpoint import endpoint
from tiny import tiny_folder

from icr.evaluation.mtbench.grading import graded
from icr.evaluation.reward_accuracy import compared
from icr.storage.files import write_jsonl


def say(messages):
    """The fake judge's reply: 8 points for first turns, 4 for second ones; the longer answer."""
    text = messages[-1]["content"]
    if comparison := compared(text):
        _, first, second = comparison
        return f"Comparison: by length.\nPreferred: answer{1 if len(first) >= len(second) else 2}"
    if graded(text)[0].startswith("Unscored"):
        return "I would rather not say."
    return "Fine. Rating: [[4]]" if "Conversation with User" in text else "Fine. Rating: [[8]]"


def reply(body):
    """The reply as a chat completion."""
    choice = {"message": {"content": say(body["messages"])}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    return {"model": body["model"], "choices": [choice], "usage": usage}


@pytest.fixture(scope="module")
def judge():
    with endpoint(reply) as server:
        yield server


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, judge):
    """A checkout with files in two languages, one of which the configuration names."""
    checkout = Checkout(tmp_path_factory.mktemp("grading"))
    folder = checkout.folder
    for name, seed in (("base", 0), ("aligned", 1)):
        tiny_folder(folder / name, seed)
    categories = ["writing", "math", "stem"]
    for language in ("en", "de"):
        prompts = [{"instruction": f"Say {i}", "instruction_id": f"p{i}"} for i in range(6)]
        if language == "de":
            prompts = [{**row, "instruction": f"Sag {i}"} for i, row in enumerate(prompts)]
        questions = [
            {"question_id": i, "category": name, "turns": [f"{name} {language}?", "And then?"]}
            for i, name in enumerate(categories)
        ]
        questions.append({**questions[0], "question_id": 9, "turns": ["Unscored?", "And then?"]})
        for name, rows in {
            "prompts": prompts,
            "questions": questions,
            "references": [{"question_id": 1, "choices": [{"turns": ["2", "3"]}]}],
        }.items():
            (folder / name).mkdir(exist_ok=True)
            write_jsonl(rows, folder / name / f"{language}.jsonl")
    (folder / "mine.yaml").write_text(yaml.safe_dump(configuration(judge.url, ["en"])))
    return checkout


def configuration(url, languages):
    return {
        "run": "mine",
        "models": {name: {"source": {"folder": name}} for name in ("base", "aligned")},
        "prompts": {"own": {"source": {"folder": "prompts"}, "languages": ["en", "de"], "size": 6}},
        "sampling": {"backend": "transformers", "n": 3, "max_tokens": 6},
        "compute": {"gpus": 0, "training_processes": 1, "threads": 1},
        "experiments": {
            "main": {
                "start": "aligned",
                "reference": "base",
                "languages": languages,
                "prompts": {"set": "own", "count": 6},
                "training": {"precision": "float32", "gradient_checkpointing": False},
            }
        },
        "judges": {
            "fake": {
                "model": "fake-1",
                "api": url,
                "key": "FAKE_KEY",
                "price": {"input": 2.5, "output": 10},
            }
        },
        "questions": {
            "talks": {
                "source": {"folder": "questions"},
                "references": {"folder": "references"},
                "languages": languages,
                "note": "made for a test",
            }
        },
        "evaluation": {
            "mtbench": {
                "questions": "talks",
                "judge": "fake",
                "policies": ["aligned"],
                "max_tokens": 6,
            },
            "reward_accuracy": {"judge": "fake", "pairs": 4, "experiments": ["main-1"]},
        },
    }


def run(checkout, *targets):
    os.environ["FAKE_KEY"] = "a-secret-of-this-test"
    arguments = ("--cores", "2", "--configfile", "mine.yaml", "--rerun-triggers", "mtime")
    checkout.snakemake(*arguments, "--", *targets, profile=False)


def metrics(checkout, path):
    return json.loads((checkout.folder / f"results/mine/{path}/metrics.json").read_text())


def test_mtbench_grades_both_turns_and_counts_missing_scores(checkout, judge):
    run(checkout, "results/mine/mtbench/aligned/en/metrics.json")
    scores = metrics(checkout, "mtbench/aligned/en")
    assert scores["turns"] == {"1": 8.0, "2": 4.0}
    # One first turn has no score, so the mean is over seven turns.
    assert scores["score"] == pytest.approx((3 * 8 + 4 * 4) / 7)
    assert (scores["questions"], scores["unparsed"], scores["unjudged"]) == (4, 1, {})
    assert scores["tokens"] == {"input": 8000, "output": 800}
    assert scores["price"] == pytest.approx(8000 * 2.5e-6 + 800 * 10e-6)
    assert (scores["judge"], scores["model"]) == ("fake", "fake-1")
    assert scores["footnote"] == "made for a test"
    table = pd.read_csv(checkout.folder / "results/mine/mtbench/aligned/en/questions.csv")
    assert list(table) == ["id", "category", "turn", "score"] and table["score"].isna().sum() == 1
    assert len(judge.asked) == 8
    assert {body["temperature"] for body in judge.bodies} == {0.0}


def test_stored_verdicts_are_not_requested_again(checkout, judge):
    before = len(judge.asked)
    shutil.rmtree(checkout.folder / "results/mine/mtbench/aligned/en")
    run(checkout, "results/mine/mtbench/aligned/en/metrics.json")
    assert metrics(checkout, "mtbench/aligned/en")["turns"] == {"1": 8.0, "2": 4.0}
    assert len(judge.asked) == before


def test_another_language_is_a_change_of_the_configuration(checkout, judge):
    before = len(judge.asked)
    text = yaml.safe_dump(configuration(judge.url, ["en", "de"]))
    (checkout.folder / "mine.yaml").write_text(text)
    run(checkout, "results/mine/mtbench/aligned/de/metrics.json")
    assert metrics(checkout, "mtbench/aligned/de")["questions"] == 4
    assert len(judge.asked) == before + 8


def test_reward_accuracy_of_an_iterations_pairs(checkout):
    run(checkout, "results/mine/reward-accuracy/main-1/en/metrics.json")
    result = metrics(checkout, "reward-accuracy/main-1/en")
    folder = checkout.folder / "results/mine"
    pairs = pd.read_parquet(folder / "pairs/main-1/en.parquet").set_index("id")
    table = pd.read_csv(folder / "reward-accuracy/main-1/en/pairs.csv")
    verdicts = table.set_index("id")["verdict"]
    assert len(verdicts) == result["pairs"] == min(4, len(pairs))
    for name, verdict in verdicts.items():
        difference = len(pairs.loc[name, "chosen"]) - len(pairs.loc[name, "rejected"])
        if difference:
            assert verdict == (difference > 0)
    assert result["accuracy"] == pytest.approx(verdicts.mean())
    assert result["seed"] == 42


def test_the_key_is_in_no_file(checkout):
    for path in checkout.folder.rglob("*"):
        if path.is_file():
            assert b"a-secret-of-this-test" not in path.read_bytes(), path
