"""Definitions are followed again if and only if a source file has changed."""

import os

import pytest

from icr.workflow.fingerprint.remembered import Remembered


@pytest.fixture
def start(tmp_path):
    """A function that starts: it returns what was found, and what was followed for it."""
    source = tmp_path / "module.py"
    source.write_text("first = 1")

    def start(*scripts):
        remembered, followed = Remembered([source], tmp_path / "remembered.json"), []

        def follow(script):
            followed.append(script)
            return {script: source.read_text()}

        found = {s: remembered.definitions((s, ["x"]), lambda s=s: follow(s)) for s in scripts}
        remembered.save()
        return found, followed

    start.source, start.file = source, tmp_path / "remembered.json"
    return start


def test_the_same_code_is_followed_once(start):
    found, followed = start("pairs", "train")
    assert followed == ["pairs", "train"]
    assert start("pairs", "train") == (found, [])
    assert start("pairs", "sample")[1] == ["sample"]
    assert start("sample", "train")[1] == []


def test_an_edit_of_the_same_length_and_time_is_followed(start):
    start("pairs")
    times = start.source.stat()
    start.source.write_text("first = 2")
    os.utime(start.source, ns=(times.st_atime_ns, times.st_mtime_ns))
    found, followed = start("pairs")
    assert followed == ["pairs"] and found["pairs"] == {"pairs": "first = 2"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sources": "other"}'])
def test_a_damaged_record_is_replaced(start, text):
    start.file.write_text(text)
    assert start("pairs")[1] == ["pairs"]
    assert start("pairs")[1] == []
