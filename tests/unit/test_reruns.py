"""Explanations of which jobs would run again, and why."""

import pytest

from icr.errors import InputError
from icr.workflow.reruns import Job, accepted, differences, explanation, of_stage

BEFORE, NOW = "0123456789abcdef", "fedcba9876543210"


def changed_code(before, now):
    return [f"{before[:2]} became {now[:2]}"]


def job(rule="train", stage="training", runs=True, **known):
    return Job(f"{rule}.out", rule, stage, runs, **known)


@pytest.mark.parametrize(
    ("before", "now", "lines"),
    [
        ([f"'{BEFORE}'"], {f"'{NOW}'": "code"}, ["01 became fe"]),
        (["1", "'a'"], {"2": "seed", "'a'": "name"}, ["seed: 1 → 2"]),
        (["{'a': 1, 'b': 2}"], {"{'a': 1, 'b': 3}": "t"}, ["t.b: 2 → 3"]),
        (["{'a': 1}"], {"{'a': 1, 'b': 3}": "t"}, ["t.b: default → 3"]),
        (["{'p': {'q': 1}}"], {"{'p': {'q': 2}}": "t"}, ["t.p.q: 1 → 2"]),
        (
            ["{'a': 1}", "{'x': 1}"],
            {"{'x': 2}": "one", "{'a': 2}": "two"},
            ["one.x: 1 → 2", "two.a: 1 → 2"],
        ),
        ([], {"3": "count"}, ["count: 3 is new"]),
        (["nan"], {}, ["removed setting: nan"]),
    ],
)
def test_differences_are_listed(before, now, lines):
    assert differences(before, now, changed_code) == lines


def test_jobs_are_listed_by_cause():
    jobs = [
        job(before=["1"], now={"2": "rate"}),
        job(before=["1"], now={"2": "rate"}),
        job("sample", before=["1"], now={"1": "n"}, inputs_before=["a"], inputs_now=["a", "b"]),
        job("table", before=[], now={}),
        job("pairs", missing=True),
        job("kept", runs=False, before=[], now={}),
    ]
    assert explanation(jobs, changed_code).splitlines() == [
        "5 jobs would run:",
        "rate: 1 → 2",
        "    train 2",
        "new input: b",
        "    sample 1",
        "not made yet",
        "    pairs 1",
        "they depend on the jobs above",
        "    table 1",
    ]
    assert explanation(jobs[-1:], changed_code) == "Nothing changed: no job would run again."


def test_a_stage_is_a_rule_file_or_a_rule():
    jobs = [job(), job("align"), job("sample", "sampling")]
    assert len(of_stage(jobs, None)) == 3
    assert len(of_stage(jobs, "training")) == 2
    assert [selected.rule for selected in of_stage(jobs, "align")] == ["align"]
    with pytest.raises(InputError, match="stages: sampling, training"):
        of_stage(jobs, "train-ing")


def test_accepted_changes_are_listed():
    assert accepted([], changed_code) == "Nothing to accept: no code and no setting changed."
    text = accepted([job(before=["1"], now={"2": "rate"})], changed_code)
    assert text.splitlines()[1:] == ["rate: 1 → 2", "    train 1"]
