"""CroCo's pairs: the rule against brute force, ties, prompts without a pair, first k of n."""

import numpy as np
import pytest
from configurations import raw
from refusals import refusal

from icr.config import load_config
from icr.pairing import PAIRINGS, Candidates
from icr.pairing.croco import LOWEST
from icr.training.losses import LOSSES, Pairs
from icr.workflow.study import Study

NAN = float("nan")


def choose(rewards, rejected="mean-2sd"):
    """The choice for rewards of shape (prompts, responses)."""
    rewards = np.asarray(rewards, dtype=float)
    texts = np.full(rewards.shape, "a", dtype=object)
    ids = list(map(str, range(len(rewards))))
    candidates = Candidates("de", ids, rewards, rewards * 0 + 1, texts)
    return PAIRINGS["croco"].function(candidates, rejected=rejected)


def by_hand(rewards, rejected):
    """Chosen and rejected index of one prompt, or None, by the definition."""
    known = [(index, reward) for index, reward in enumerate(rewards) if reward == reward]
    values = [reward for _, reward in known]
    mean = sum(values) / len(values)
    sd = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    ordered = sorted(values)
    at = (len(ordered) - 1) * 0.25
    left = ordered[int(at)]
    right = ordered[min(int(at) + 1, len(ordered) - 1)]
    quartile = left + (right - left) * (at - int(at))
    target = {"mean-2sd": mean - 2 * sd, "lowest": ordered[0], "quartile": quartile}[rejected]
    chosen = next(index for index, reward in known if reward == max(values))
    lower = [(index, reward) for index, reward in known if reward < max(values)]
    if not lower:
        return None
    return chosen, min(lower, key=lambda entry: (abs(entry[1] - target), entry[0]))[0]


@pytest.mark.parametrize("rejected", ["mean-2sd", "lowest", "quartile"])
def test_the_rule_against_brute_force_with_ties_and_excluded_responses(rejected):
    generator = np.random.default_rng(3)
    for responses in (3, 4, 10, 64):
        # Multiples of 1/4: sums and differences are exact, and many rewards are equal.
        rewards = generator.integers(-8, 9, (200, responses)) / 4
        rewards[:, 1:][generator.random((200, responses - 1)) < 0.1] = NAN
        choice = choose(rewards, rejected)
        for prompt, row in enumerate(rewards):
            expected = by_hand(row.tolist(), rejected)
            assert bool(choice.left_out[prompt]) == (expected is None)
            if expected is not None:
                assert (choice.chosen[prompt], choice.rejected[prompt]) == expected


def test_the_first_of_equals_and_no_pair_of_equal_rewards():
    choice = choose([[1.0, 3.0, 3.0, 1.0], [2.0, 2.0, 2.0, 2.0], [NAN, 5.0, 5.0, NAN]])
    assert choice.chosen[0] == 1 and choice.rejected[0] == 0
    assert choice.left_out.tolist() == [False, True, True]


def test_up_to_five_responses_the_lowest_is_rejected():
    generator = np.random.default_rng(5)
    for responses in (2, 3, 4, 5):
        choice = choose(generator.standard_t(2, (500, responses)))
        assert choice.shares[LOWEST].all()
    many = choose(generator.standard_normal((500, 64)))
    assert 0.1 < many.shares[LOWEST].mean() < 0.9, "of 64 often another one"


def with_row(**row):
    """The demo with an experiment ``croco``."""
    config = raw("demo")
    config["experiments"]["croco"] = {"iterations": 1, **row}
    return config


def croco(**pairs):
    """The demo with CroCo's pairs of the implicit reward."""
    return with_row(pairs={"method": "croco", **pairs})


def test_the_first_k_responses_share_samples_and_scores():
    study = Study(load_config(croco(responses=4, settings={"rejected": "lowest"})))
    main, few = study.policies.iterations["main-1"], study.policies.iterations["croco-1"]
    for files in (study.blocks.samples, lambda *a: study.blocks.logprobs(a[0], a[0].start, a[1])):
        assert files(main, "de") == files(few, "de")
    settings = study.parameters.pairs("croco-1")
    assert settings["responses"] == 4 and "responses" in study.parameters.pairs("main-1").silent
    assert "penalty" in settings.silent


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"responses": 2}, r"croco.pairs.settings: 'rejected: mean-2sd' needs 3 responses"),
        ({"responses": 11}, "croco.pairs.responses: 11 responses to each prompt, but sampling.n"),
        ({"responses": 1}, "croco.pairs.responses"),
        ({"settings": {"rejected": "median"}}, "'rejected' is 'median'; known: mean-2sd"),
        ({"method": "lidr", "responses": 4}, "reads greedy answers"),
    ],
)
def test_settings_that_cannot_work_are_refused(pairs, message):
    assert message in refusal(load_config, croco(**pairs))


def test_two_samples_have_no_standard_deviation_to_speak_of():
    config = croco()
    config["sampling"]["n"] = 2
    assert "'rejected: mean-2sd' needs 3 responses" in refusal(load_config, config)


def test_sft_is_the_mean_over_the_tokens_of_each_chosen_response():
    torch = pytest.importorskip("torch")
    chosen, tokens = torch.tensor([-6.0, -4.0]), torch.tensor([3, 8])
    rejected = torch.tensor([-1.0, -90.0])
    pairs = Pairs(chosen, rejected, chosen, rejected, tokens, torch.tensor([1, 1]))
    losses, _ = LOSSES["sft"].function(pairs)
    assert losses.tolist() == [2.0, 0.5]


def test_sft_takes_no_settings_of_preference_losses():
    row = load_config(with_row(training={"loss": "sft"})).experiments["croco"]
    assert row.training.loss == "sft"
    for key in ("beta", "nll_weight"):
        message = refusal(load_config, with_row(training={"loss": "sft", key: 0.5}))
        assert f"croco.training.{key}: the loss 'sft' does not take it" in message
    whole = load_config(with_row(training={"loss": "sft"}))
    assert load_config(whole.model_dump(mode="json")) == whole, "inherited values are no mistake"


def sampled(study):
    """The files of responses that all iterations read."""
    blocks, steps = study.blocks, study.policies.iterations.values()
    rewarded = [step for step in steps if step.pairing.rewarded]
    return {
        file
        for step in rewarded
        for language in step.settings.languages
        for file in blocks.samples(step, language)
    }


def test_croco_in_icr_setting_adds_no_samples():
    config = raw()
    del config["experiments"]["croco-in-icr-setting"]
    config["evaluation"] = {}
    without, whole = Study(load_config(config)), Study(load_config(raw()))
    assert sampled(without) == sampled(whole)
    step = whole.policies.iterations["croco-in-icr-setting-1"]
    assert step.sampler == step.start == "llama-3-8b-sft-dpo" and step.reference is None
    assert not whole.blocks.logprobs(step, step.start, "es")
    assert whole.blocks.natural_rewards(step, "es")[0].startswith(
        "results/paper/natural-rewards/skywork-reward-v2-8b/llama-3-8b-sft-dpo/"
    )


def test_crocos_own_setting():
    study = Study(load_config(raw("croco")))
    steps = study.policies.iterations
    main, danish, off = steps["main-1"], steps["in-danish-1"], steps["off-policy-1"]
    assert main.pooled and not danish.pooled
    for name in ("lowest-1", "of-10-1", "best-of-64-1", "in-danish-1"):
        for files in (study.blocks.samples, study.blocks.natural_rewards):
            assert files(steps[name], "da" if name == "in-danish-1" else "en")
            assert files(main, "da") == files(danish, "da")
    assert study.blocks.samples(off, "da") == study.blocks.samples(steps["aya-1"], "da")
    assert study.evaluations.opponent("arena", "aya-1") == "tiny-aya"
    assert study.evaluations.opponent("arena", "in-irish-1") == "eurollm-9b"
    assert study.config.experiments["of-10"].pairs.pool == "languages"
    assert study.config.experiments["best-of-64"].training.loss == "sft"
