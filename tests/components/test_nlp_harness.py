"""The real lm-evaluation-harness: its task names, mirrors of its data, and its scores."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tiny import tiny_folder

from icr.errors import InputError
from icr.evaluation.nlp import run
from icr.evaluation.nlp.fetch import fetch_task
from icr.evaluation.nlp.harness import harness, leaves
from icr.evaluation.nlp.metrics import metric_keys
from icr.evaluation.nlp.tasks import BENCHMARKS, Task
from icr.storage.files import read_json
from icr.storage.resumable import remove_work

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(ROOT / "tests" / "unit"))

from hub import COMMIT, data_hub_of  # noqa: E402

SETTINGS = run.Settings(dtype="float32", batch=4, gpus=0)
ANIMALS = ["araña", "mosca", "pulpo", "perro", "pájaro", "hormiga", "abeja"]
TASKS = [
    ("arc", "arc_es", 0),
    ("hellaswag", "hellaswag_es", 0),
    ("mmlu", "m_mmlu_es", 5),
    ("truthfulqa_mc1", "truthfulqa_es_mc1", 0),
    ("truthfulqa_mc2", "truthfulqa_es_mc2", 0),
    ("global-mmlu", "global_mmlu_sw", 2),
]


def test_every_task_exists_and_reports_its_metric():
    for benchmark in BENCHMARKS.values():
        tasks = [(name, benchmark.metric) for name in benchmark.tasks.values()]
        tasks += [(s.task, s.metric) for s in benchmark.substitutes.values()]
        for name, metric in tasks:
            assert name in harness(), name
            key = metric.partition(",")[0]
            for leaf in leaves(name):
                assert key in [m["metric"] for m in leaf.get("metric_list")], (name, leaf.name)


@pytest.fixture(scope="module")
def whole():
    """The harness's own index of all its tasks."""
    from lm_eval.tasks import TaskManager  # slow: not while tests are collected

    return TaskManager().task_index


def test_tasks_read_by_folder_equal_those_of_the_whole_index(whole, monkeypatch):
    names = [name for benchmark in BENCHMARKS.values() for name in benchmark.tasks.values()]
    names += [s.task for benchmark in BENCHMARKS.values() for s in benchmark.substitutes.values()]
    by_folder = {name: list(leaves(name)) for name in names}
    monkeypatch.setattr("icr.evaluation.nlp.harness.harness", lambda: whole)
    assert by_folder == {name: list(leaves(name)) for name in names}


def rows(kind):
    """Questions with the columns of the data sets that the harness reads."""
    made = []
    for i in range(SIZES.get(kind, 7)):
        animal = ANIMALS[i % 7]
        options = [f"{n} patas" for n in (8, 6, 4, 2 + i)]
        letters = {f"option_{la}": text for la, text in zip("abcd", options, strict=True)}
        question = f"¿Cuántas patas tiene una {animal}?"
        made.append(
            {
                "arc": {
                    "id": str(i),
                    "instruction": question,
                    **letters,
                    "option_e": "",
                    "answer": "ABCD"[i % 4],
                },
                "hellaswag": {
                    "ctx_a": f"Una {animal}",
                    "ctx_b": "camina y",
                    "activity_label": "[header] Animales",
                    "endings": [f"mueve {text}" for text in options],
                    "label": str(i % 4),
                },
                "mmlu": {
                    "id": str(i),
                    "instruction": question,
                    **letters,
                    "answer": "ABCD"[i % 4],
                },
                "truthfulqa": {
                    "question": question,
                    "mc1_targets_choices": options,
                    "mc1_targets_labels": [1, 0, 0, 0],
                    "mc2_targets_choices": options,
                    "mc2_targets_labels": [1, 0, 1, 0],
                },
                "global": {
                    "question": question,
                    **letters,
                    "answer": "ABCD"[i % 4],
                    "subject_category": GLOBAL[i % 6],
                },
            }[kind]
        )
    return made


SIZES = {"global": 18}
GLOBAL = ["Business", "Humanities", "Medical", "Other", "STEM", "Social Sciences"]
DATASETS = {
    "alexandrainst/m_arc": ("es", "arc", ["train", "validation", "test"]),
    "alexandrainst/m_hellaswag": ("es", "hellaswag", ["val"]),
    "alexandrainst/m_mmlu": ("es", "mmlu", ["train", "test"]),
    "alexandrainst/m_truthfulqa": ("es", "truthfulqa", ["val"]),
    "CohereForAI/Global-MMLU-Lite": ("sw", "global", ["dev", "test"]),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A folder with the data sets, laid out as a clone of the hub."""
    folder = tmp_path_factory.mktemp("hub")
    for name, (config, kind, splits) in DATASETS.items():
        dataset = folder / "datasets" / name
        dataset.mkdir(parents=True)
        files = [{"split": split, "path": f"data/{config}/{split}.jsonl"} for split in splits]
        card = yaml.safe_dump({"configs": [{"config_name": config, "data_files": files}]})
        (dataset / "README.md").write_text(f"---\n{card}---\n")
        (dataset / "data" / config).mkdir(parents=True)
        for file in files:
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows(kind)]
            (dataset / file["path"]).write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def mirrors(hub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mirrors")
    for _, task, _ in TASKS:
        fetch_task(task, folder / task, str(hub), {})
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("model"), max_position_embeddings=2048)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("used the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def task_requests(mirrors):
    """What the rule asks of the harness, for each task."""
    tasks = [Task(benchmark, name, shots, "acc") for benchmark, name, shots in TASKS]
    return [task.asked(str(mirrors / "{task}")) for task in tasks]


def test_a_mirror_records_what_it_holds(mirrors):
    described = read_json(mirrors / "arc_es" / "task.json")
    leaf = described["leaves"]["arc_es"]
    assert (leaf["dataset"], leaf["name"]) == ("alexandrainst/m_arc", "es")
    assert leaf["rows"] == {"train": 7, "validation": 7, "test": 7}
    group = read_json(mirrors / "global_mmlu_sw" / "task.json")
    assert len(group["leaves"]) == 6 and group["aggregate"][0]["metric"] == "acc"


def test_scores_equal_a_direct_run_of_the_harness(mirrors, hub, model, tmp_path, no_network):
    """Offline from the mirrors, compared with the harness's own command line on the data sets."""
    written = run.score_policy(
        model, {"es": task_requests(mirrors)}, SETTINGS, tmp_path / "scores.json"
    )
    tasks = tmp_path / "tasks"
    tasks.mkdir()
    for _, task, shots in TASKS:
        for leaf in leaves(task):
            source = str(hub / "datasets" / leaf.get("dataset_path"))
            text = yaml.safe_dump(
                {
                    "include": str(leaf.file),
                    "task": leaf.name,
                    "dataset_path": source,
                    "num_fewshot": shots,
                }
            )
            (tasks / f"{leaf.name}.yaml").write_text(text)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    command = [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--device", "cpu"]
    command += ["--model_args", f"pretrained={model},dtype=float32", "--batch_size", "4"]
    command += ["--include_path", str(tasks), "--output_path", str(tmp_path / "direct.json")]
    command += ["--tasks", *(task for _, task, _ in TASKS)]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (direct_file,) = tmp_path.glob("direct*.json")
    direct = read_json(direct_file)["results"]
    for benchmark, task, shots in TASKS:
        ours = written["scores"]["es"][benchmark]
        n = 18 if task == "global_mmlu_sw" else 7
        assert (ours["task"], ours["shots"], ours["n"]) == (task, shots, n)
        for metric in ("acc", "acc_norm") if benchmark in ("arc", "hellaswag") else ("acc",):
            for key in metric_keys(metric):
                expected = pytest.approx(direct[task][key], abs=1e-6)
                assert ours["metrics"][key] == expected, (task, key)
    parts = written["scores"]["es"]["global-mmlu"]["parts"]
    assert [part["n"] for part in parts.values()] == [3] * 6
    assert written["versions"]["lm_eval"] == "0.4.13"


def test_a_killed_job_scores_no_finished_task_again(mirrors, model, tmp_path, monkeypatch):
    """Its scores equal those of an undisturbed job."""
    tasks = {"es": task_requests(mirrors)[:2], "ru": task_requests(mirrors)[:1]}
    output = tmp_path / "scores.json"
    whole = run.score_policy(model, tasks, SETTINGS, output)
    remove_work(output)
    score, done = run.score_task, []

    def killed(lm, task, settings):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(task["task"])
        return score(lm, task, settings)

    monkeypatch.setattr(run, "score_task", killed)
    with pytest.raises(KeyboardInterrupt):
        run.score_policy(model, tasks, SETTINGS, output)
    again = []
    monkeypatch.setattr(run, "score_task", lambda *a: again.append(a[1]["task"]) or score(*a))
    assert run.score_policy(model, tasks, SETTINGS, output) == whole
    assert (done, again) == (["arc_es", "hellaswag_es"], ["arc_es"])


def test_a_limit_reduces_the_questions(mirrors, model):
    lm = run.open_model(model, SETTINGS)
    settings = run.Settings(dtype="float32", batch=4, gpus=0, limit=3)
    assert run.score_task(lm, task_requests(mirrors)[0], settings)["n"] == 3


def test_an_unknown_task_is_named(hub, whole, tmp_path, monkeypatch):
    monkeypatch.setattr("icr.evaluation.nlp.fetch.harness", lambda: whole)  # already read
    with pytest.raises(InputError, match="has no task 'arc_ess'; similar: .*arc_es"):
        fetch_task("arc_ess", tmp_path / "x", str(hub), {})


def test_data_come_from_the_hub_at_the_recorded_commit(hub, mirrors, tmp_path):
    """In its own process, because the libraries read the endpoint when they are imported."""
    repo = "alexandrainst/m_arc"
    program = (
        "import sys; from icr.evaluation.nlp.fetch import fetch_task; "
        "fetch_task('arc_es', sys.argv[1], sys.argv[2], {})"
    )
    # Evaluations that other tests run in this process set these to offline.
    online = dict.fromkeys(("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"), "0")
    own = {"HF_HOME": str(tmp_path / "hf"), "PYTHONPATH": str(SCRIPTS)}
    environment = {**os.environ, **online, **own}
    with data_hub_of(repo, hub / "datasets" / repo) as server:
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "arc_es"), server.url],
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    leaf = read_json(tmp_path / "arc_es" / "task.json")["leaves"]["arc_es"]
    assert (leaf["commit"], leaf["rows"]["test"]) == (COMMIT, 7)
    copied = pd.read_parquet(tmp_path / "arc_es" / "arc_es" / "test.parquet")
    pd.testing.assert_frame_equal(copied, pd.read_parquet(mirrors / "arc_es/arc_es/test.parquet"))


def test_a_mirror_without_the_data_set_is_named(hub, tmp_path):
    message = "the mirror lacks the data set alexandrainst/m_arc: there is no folder"
    with pytest.raises(InputError, match=message):
        fetch_task("arc_es", tmp_path / "x", str(tmp_path / "nowhere"), {})
    assert not (tmp_path / "x").exists()


def test_a_changed_copy_of_a_data_set_is_read_again(hub, tmp_path):
    copy = tmp_path / "hub"
    shutil.copytree(hub, copy)
    file = copy / "datasets/alexandrainst/m_arc/data/es/test.jsonl"
    for count in (7, 4):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:count]))
        fetch_task("arc_es", tmp_path / "x", str(copy), {})
        assert read_json(tmp_path / "x" / "task.json")["leaves"]["arc_es"]["rows"]["test"] == count


def test_an_incomplete_copy_of_a_data_set_is_named(hub, tmp_path):
    copy = tmp_path / "hub"
    shutil.copytree(hub, copy)
    (copy / "datasets/alexandrainst/m_arc/data/es/test.jsonl").unlink()
    with pytest.raises(InputError, match="cannot fetch the data set .*m_arc es test"):
        fetch_task("arc_es", tmp_path / "x", str(copy), {})
    assert not Path(tmp_path / "x").exists()
