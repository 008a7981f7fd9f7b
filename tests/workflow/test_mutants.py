"""The checks catch deliberate bugs in the finished demo: a part of ``make mutants``."""

import pytest
from mutants.bugs import BUGS
from mutants.check import Trial

SHORT = {
    "reward's sign flipped": "claim: R_c orders samples",
    "no reference in the score": "claim: R_c orders samples",
    "first response token not scored": "identity: check_scored_tokens",
    "boundary of prompt and response off by one": "identity: check_likelihood",
    "prefix missing": "identity: check_likelihood",
    "sampled from the cross-lingual prompt": "identity: check_likelihood",
    "trained on the cross-lingual prompt": "identity: check_training_reference",
    "stale block of English samples": "identity: check_likelihood",
    "length penalty of one language for all": "identity: check_lengths",
    "pairs swapped in one language": "identity: check_order",
    "iteration 2 started from π⁰": "identity: check_training_reference",
    "NLL left out of the loss": "identity: check_first_step",
    "DPO's sign flipped": "identity: check_dpo_loss",
}


@pytest.fixture(scope="module")
def trial(demo, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(demo.folder)
        yield Trial(tmp_path_factory.mktemp("mutants"))


@pytest.mark.parametrize(("name", "check"), SHORT.items())
def test_a_bug_is_caught_by_the_check_meant_for_it(trial, name, check):
    (bug,) = [bug for bug in BUGS if bug.name == name]
    assert trial.caught_by(bug)[0] == check


def test_no_check_fails_without_a_bug(trial):
    assert trial.caught_by(None) == ("", "")
