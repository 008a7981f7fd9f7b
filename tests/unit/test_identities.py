"""Each identity lets a right run pass and stops a wrong one, by numbers of its own."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from datasets import Dataset
from tiny import tiny_folder

from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.models.load import load_model, load_tokenizer
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block
from icr.scoring.block import score_block
from icr.scoring.identities import (
    EXACT,
    ROUNDED,
    check_dpo_loss,
    check_first_step,
    check_lengths,
    check_scores,
    check_training_reference,
    check_whole_groups,
    tolerance,
)
from icr.training.reference import check_reference

PROMPTS = {"p0": "Say something!", "p1": "And now?", "p2": "A third prompt, which is longer"}
ENGLISH = {name: f"In English: {text}" for name, text in PROMPTS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("m") / "policy")


def drawn(folder, tmp_path, temperature=0.7, **options):
    rows = [{"instruction": text, "instruction_id": name} for name, text in PROMPTS.items()]
    return sample_block(
        folder, rows, tmp_path / "samples.parquet", SamplingSettings(4, temperature, 20, top_k=50),
        "transformers", BackendOptions(**options), 10, ["seed"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def samples(folder, tmp_path_factory):
    return drawn(folder, tmp_path_factory.mktemp("s"))


def scored(folder, samples, tmp_path, instructions=PROMPTS, view="multilingual", language="es"):
    return score_block(
        folder, samples, instructions, tmp_path / "scores.parquet", view, language, "float32",
        4000, 10, 0,
    )  # fmt: skip


def check(samples, scores, native=True, limit=EXACT):
    return check_scores(samples, scores, native, limit, 0.5, "es")


def test_the_sampler_tells_the_models_own_log_probabilities(folder, samples):
    """By a plain forward pass, at temperature 1, whatever the draws were tempered and cut by."""
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    for row in samples.to_dict("records"):
        prompt, response = prompt_ids(tokenizer, row["prompt"]), list(row["response_ids"])
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *response]])).logits[0, len(prompt) - 1 : -1]
        ours = logits.double().log_softmax(-1)[range(len(response)), response].sum()
        assert row["logprob"] == pytest.approx(float(ours), abs=1e-4)


def test_greedy_samples_have_log_probabilities_too(folder, tmp_path):
    samples = drawn(folder, tmp_path, temperature=0.0)
    check(samples, scored(folder, samples, tmp_path))


def test_a_policy_scores_its_own_samples_as_it_drew_them(folder, samples, tmp_path):
    numbers = check(samples, scored(folder, samples, tmp_path))
    assert numbers["scored"] == pytest.approx(numbers["sampled"], abs=1e-5)


def test_another_policys_samples_are_found_out(samples, tmp_path):
    other = tiny_folder(tmp_path / "other", seed=1)
    with pytest.raises(InputError, match="of another policy or prompt"):
        check(samples, scored(other, samples, tmp_path))


def test_another_prompts_samples_are_found_out(folder, samples, tmp_path):
    with pytest.raises(InputError, match="of another policy or prompt"):
        check(samples, scored(folder, samples, tmp_path, instructions=ENGLISH))


def test_half_precision_is_no_mistake(folder, tmp_path):
    samples = drawn(folder, tmp_path, precision="bfloat16")
    scores = scored(folder, samples, tmp_path)
    check(samples, scores, limit=tolerance("bfloat16", "float32"))
    assert tolerance("float32", "float32") == EXACT < ROUNDED == tolerance("bfloat16", "float32")


def test_an_end_token_that_is_not_scored_is_named(folder, samples, tmp_path):
    scores = scored(folder, samples, tmp_path)
    scores.loc[3, "tokens"] -= 1
    with pytest.raises(InputError, match=r"response 3 to prompt p0 .* are scored \(1 such\)"):
        check(samples, scores)


def test_a_mean_in_the_place_of_a_sum_is_found_out(folder, samples, tmp_path):
    scores = scored(folder, samples, tmp_path)
    with pytest.raises(InputError, match="reads other tokens than the sampler wrote"):
        check(samples, scores.assign(logprob=scores["logprob"] / scores["tokens"]))


def test_a_fall_under_another_condition_is_an_error_from_a_stated_amount_on(samples):
    tokens = samples["response_ids"].map(len)

    def moved(by):
        return samples[["id", "index"]].assign(
            tokens=tokens, logprob=samples["logprob"] + by * tokens
        )

    check(samples, moved(-0.4), native=False)
    check(samples, moved(+2.0), native=False)
    with pytest.raises(InputError, match="0.60 nats a token less likely"):
        check(samples, moved(-0.6), native=False)


def test_a_response_that_stands_twice_is_named(samples):
    check_whole_groups(samples)
    with pytest.raises(InputError, match="response 0 to prompt p0 occurs twice"):
        check_whole_groups(pd.concat([samples, samples]))


def test_lengths_agree_with_the_penalty_of_these_pairs():
    check_lengths(0.25, 0.25, "es")
    with pytest.raises(InputError, match="not the penalty of these pairs"):
        check_lengths(3.0, 0.25, "es")


def rows(computed, sampled, ids=((1, 2), (3,))):
    pairs = {
        f"{prefix}{side}{suffix}": values
        for side in ("chosen", "rejected")
        for prefix, suffix, values in (
            ("ref_", "_logps", computed), ("", "_logprob", sampled), ("", "_ids", ids),
        )
    }  # fmt: skip
    return Dataset.from_dict(pairs)


def test_trainings_reference_is_the_policy_that_sampled():
    check_reference(rows([-3.0, -1.0], [-3.0, -1.0]), EXACT)
    with pytest.raises(InputError, match="another policy, or reads another prompt"):
        check_reference(rows([-3.2, -1.0], [-3.0, -1.0]), EXACT)


def test_responses_that_no_policy_sampled_are_not_compared():
    nothing = float("nan")
    check_reference(rows([-9.0, -9.0], [nothing, nothing]), EXACT)
    check_reference(rows([-9.0, -1.0], [nothing, -1.0]), EXACT)
    unpaired = {"ref_logps": [-2.0], "logprob": [-1.0], "completion_ids": [[4, 2]]}
    with pytest.raises(InputError, match="another policy"):
        check_reference(Dataset.from_dict(unpaired), EXACT)


def test_a_reference_that_is_no_number_does_not_pass():
    with pytest.raises(InputError):
        check_training_reference(np.array([np.nan]), np.array([-1.0]), np.array([2]), EXACT)


def step(**changes):
    right = {"margin": 0.0, "chosen_reward": 0.0, "rejected_reward": 0.0, "nll": 1.5,
             "loss": math.log(2) + 1.5}  # fmt: skip
    return {**right, **changes}


def test_the_first_step_of_dpo():
    check_first_step(step(), 1.0, half=False)
    check_first_step(step(margin=0.1, loss=2.15), 1.0, half=True)
    with pytest.raises(InputError, match="the reference is another model"):
        check_first_step(step(margin=0.085), 1.0, half=False)
    with pytest.raises(InputError, match="ln 2"):
        check_first_step(step(loss=math.log(2)), 1.0, half=False)
    with pytest.raises(InputError, match="ln 2"):
        check_first_step(step(loss=1.5), 1.0, half=False)


def test_the_first_step_of_kto():
    check_first_step({"chosen_reward": 0.0, "rejected_reward": 0.0, "loss": 0.5}, None, half=False)
    with pytest.raises(InputError, match="rejected_reward"):
        check_first_step({"chosen_reward": 0.0, "rejected_reward": 0.1}, None, half=False)


def means(margins, sign=1):
    return {
        "margin": margins.mean(),
        "margin_squared": (margins**2).mean(),
        "dpo": np.logaddexp(0, -sign * margins).mean(),
    }


@pytest.mark.parametrize("spread", [0.0, 0.01, 1.0, 30.0])
@pytest.mark.parametrize("mean", [-0.5, -0.005, 0.0, 0.005, 4.0])
def test_the_loss_of_dpo_lies_where_its_margins_put_it(mean, spread):
    margins = mean + spread * np.random.default_rng(0).normal(size=16)
    check_dpo_loss(means(margins))


@pytest.mark.parametrize("mean", [-0.05, 0.005, 0.5])
def test_the_loss_of_dpo_with_its_sign_flipped(mean):
    margins = mean + 0.02 * np.random.default_rng(0).normal(size=16)
    with pytest.raises(InputError, match="not −log σ of the margin"):
        check_dpo_loss(means(margins, sign=-1))
