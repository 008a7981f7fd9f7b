"""The record of where results come from."""

import json
import subprocess

from icr.report.provenance import provenance
from icr.storage.project import project_state, state_line


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", folder, *arguments],
        check=True,
        capture_output=True,
    )


def test_the_commit_and_whether_files_changed_since(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "file").write_text("1")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "first")
    state = project_state(tmp_path)
    assert len(state["commit"]) == 40 and state["changed"] is False
    (tmp_path / "results").write_text("made by a run")
    assert project_state(tmp_path) == state
    (tmp_path / "file").write_text("2")
    assert project_state(tmp_path) == {**state, "changed": True}
    assert state_line(project_state(tmp_path)).endswith("with local changes")


def test_no_repository_and_no_git_are_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert project_state(tmp_path) == {"commit": None, "changed": None}
    monkeypatch.setenv("PATH", "")
    assert project_state(tmp_path)["commit"] is None
    assert state_line(project_state(tmp_path)) == "an unknown commit"


def test_the_record_names_code_environment_models_and_data(tmp_path):
    fetched, made = tmp_path / "fetched", tmp_path / "made"
    fetched.mkdir()
    card = {"name": "fetched", "source": {"hub": "a/b"}, "commit": "c" * 40, "context": 8}
    (fetched / "icr_model.json").write_text(json.dumps(card))
    data = tmp_path / "en.jsonl"
    data.write_bytes(b"hello\n")
    trained = tmp_path / "main-1.json"
    trained.write_text(json.dumps({"pairs": 3, "versions": {"trl": "1"}, "final": {}}))
    config = {"run": "r", "seed": 7, "models": {"made": {"source": {"folder": "x"}}}}
    record = provenance(
        config,
        models={"fetched": str(fetched), "made": str(made)},
        policies={"main-1": "results/r/policies/main-1"},
        data=[str(data)],
        training={"main-1": str(trained)},
    )
    json.dumps(record)
    assert record["models"]["fetched"]["commit"] == "c" * 40
    assert record["models"]["made"]["source"] == {"folder": "x"}
    assert record["policies"]["main-1"]["versions"] == {"trl": "1"}
    # as `git hash-object` prints it
    assert record["data"] == {str(data): "ce013625030ba8dba906f756967f9e9ca394464a"}
    assert record["seed"] == 7 and "torch" in record["packages"]
    assert all(len(digest) == 64 for digest in record["environments"].values())
    assert "envs/local.txt" in record["environments"]
