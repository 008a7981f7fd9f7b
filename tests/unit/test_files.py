import os
import subprocess

import pandas as pd
import pytest

from icr.files import (
    identity,
    in_pieces,
    read_json,
    remove_work,
    replacing,
    work_folder,
    write_json,
)


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json({"old": 1}, path)
    with pytest.raises(RuntimeError), replacing(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"old": 1} and os.listdir(tmp_path) == ["a.json"]


def test_a_folder_is_replaced_whole(tmp_path):
    path = tmp_path / "folder"
    for name in ("one", "two"):
        with replacing(path) as partial:
            partial.mkdir()
            (partial / name).touch()
    assert os.listdir(path) == ["two"]


def test_what_a_killed_process_left_is_removed(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = os.uname().nodename
    orphan = tmp_path / f".a.json.{host}-{gone.pid}"
    alive = tmp_path / f".a.json.{host}-1"
    orphan.write_text("half")
    alive.write_text("another's")
    write_json({}, tmp_path / "a.json")
    assert not orphan.exists() and alive.exists()


def test_numbers_that_are_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json({"x": float("nan")}, tmp_path / "a.json")


def test_pieces_made_with_other_settings_are_not_picked_up(tmp_path):
    output = tmp_path / "t.parquet"
    made = []

    def compute(piece):
        made.append(piece)
        return pd.DataFrame({"x": [piece]})

    in_pieces(output, {"a": 1}, [1, 2], compute)
    in_pieces(output, {"a": 1}, [1, 2], compute)
    assert made == [1, 2]
    in_pieces(output, {"a": 2}, [1, 2], compute)
    assert made == [1, 2, 1, 2]
    remove_work(output)
    assert os.listdir(tmp_path) == []


def test_a_changed_file_has_another_identity(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_text("a")
    before = identity(tmp_path)
    file.write_text("ab")
    assert identity(tmp_path) != before
    assert work_folder(tmp_path / "o", {"i": before}) != work_folder(
        tmp_path / "o", {"i": identity(tmp_path)}
    )
