"""The guard of `scoring.precision: auto`: what it accepts, what it refuses, what it records."""

import numpy as np
import pandas as pd
import pytest
import torch
from configurations import shipped
from scored import TEXTS, samples_of
from tiny import tiny_model, tiny_tokenizer

from icr.errors import InputError
from icr.scoring.block import score_block, trial_scores
from icr.scoring.guard import (
    LIMIT,
    by_arithmetic,
    check,
    check_one_arithmetic,
    decide,
    decide_by_language,
    passes,
    summary,
)
from icr.storage.schemas.checks import check_value
from icr.storage.schemas.responses import DECISION

IDS = ["a"] * 4 + ["b"] * 4
EXACT = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 6.0, 4.0])


def test_noise_is_measured_within_prompts_beside_the_spread():
    error = np.array([0.1, -0.1, 0.1, -0.1] * 2)
    result = check(IDS, EXACT + error + 10, EXACT)
    assert result["noise"] == pytest.approx(0.1)
    assert result["spread"] == pytest.approx(np.std([0, 1, 2, 3]))
    assert result["ratio"] == pytest.approx(0.1 / np.std([0, 1, 2, 3]))
    assert (result["extremes"], result["kept"]) == (4, 4)
    assert not passes(result) and passes({**result, "ratio": 0.99 * LIMIT})


def test_each_extreme_counts_unless_the_responses_are_equal():
    swapped = EXACT.copy()
    swapped[[4, 7]] = [3.99, 4.0]  # the worst response to b is another
    result = check(IDS, swapped, EXACT)
    assert result["kept"] == 3 and not passes({**result, "ratio": 0.0})
    equal = EXACT.copy()
    equal[7] = equal[4] + 1e-9
    assert check(IDS, swapped, equal)["kept"] == 4


def test_what_is_not_finite_or_has_no_spread_is_refused():
    for rewards in (np.where(EXACT == 7, np.inf, EXACT), np.where(EXACT == 7, np.nan, EXACT)):
        result = check(IDS, rewards, EXACT)
        assert result["ratio"] is None and not passes(result)
    assert not passes(check(IDS, EXACT * 0, EXACT * 0))
    assert not passes(check(["a", "b"], EXACT[:2], EXACT[:2])), "nothing to compare"


def scores(seed, noise):
    """A scorer's trial: exact scores, and noise by arithmetic."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"id": IDS, "index": [0, 1, 2, 3] * 2, "tokens": 9})
    exact = EXACT * seed
    for arithmetic, size in zip(("float16-products", "two-part-bfloat16"), noise, strict=True):
        table[arithmetic] = exact + size * generator.choice([-1, 1], 8)
    return table.assign(float32=exact)


def test_the_cheapest_that_passes_for_every_reference_is_taken():
    policy, close = scores(2, (0.01, 0.0)), scores(1, (0.01, 0.0))
    noisy = scores(1, (0.3, 0.0))
    assert decide(policy, {"r": close})["arithmetic"] == "float16-products"
    assert decide(policy, {"r": noisy})["arithmetic"] == "two-part-bfloat16"
    both = decide(policy, {"r": close, "s": noisy})
    assert both["arithmetic"] == "two-part-bfloat16"
    assert [trial["accepted"] for trial in both["trials"]] == [True, True, False, True]
    check_value({"languages": {"es": both}}, DECISION, "x")
    broken = scores(1, (np.inf, np.nan))
    assert decide(policy, {"r": broken})["arithmetic"] == "float32"
    assert decide(policy, {None: None})["arithmetic"] == "float16-products"
    assert decide(policy, {"itself": policy})["arithmetic"] == "float32", "no spread at all"


def test_responses_without_tokens_decide_nothing():
    policy, reference = scores(2, (0.0, 0.0)), scores(1, (0.0, 0.0))
    policy.loc[1, "float16-products"] = 50.0
    assert decide(policy, {"r": reference})["arithmetic"] == "two-part-bfloat16"
    policy.loc[1, "tokens"] = 0
    decision = decide(policy, {"r": reference})
    assert (decision["arithmetic"], decision["responses"]) == ("float16-products", 7)


def test_a_model_that_is_broken_in_float32_is_an_error():
    policy = scores(2, (0.0, 0.0))
    policy.loc[3, "float32"] = np.nan
    with pytest.raises(InputError, match="no finite log-probability in float32"):
        decide(policy, {"r": scores(1, (0.0, 0.0))})


def saved(model, folder):
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def trial(folder):
    """Scores of a few responses by a model, in each arithmetic."""
    instructions = dict(zip("abc", TEXTS, strict=True))
    return trial_scores(folder, samples_of(6), instructions, "crosslingual", "de", 500)


def test_a_weight_that_overflows_falls_back(tmp_path):
    """To the next arithmetic, whose range is that of float32."""
    model = tiny_model(seed=3).bfloat16()
    reference = trial(saved(model, tmp_path / "reference"))
    with torch.no_grad():
        # The same function: what one layer multiplies, the next divides.
        layer = model.model.layers[0].mlp
        layer.up_proj.weight *= 2.0**20
        layer.down_proj.weight /= 2.0**20
        model.model.layers[1].mlp.up_proj.weight *= 1.5
    policy = trial(saved(model, tmp_path / "policy"))
    assert not np.isfinite(policy["float16-products"]).all()
    assert np.isfinite(policy["two-part-bfloat16"]).all()
    decision = decide(policy, {"reference": reference})
    assert decision["arithmetic"] != "float16-products"
    first = decision["trials"][0]
    assert (first["ratio"], first["accepted"]) == (None, False)


def test_the_trial_scores_in_float32_as_a_block_does(tmp_path):
    folder = saved(tiny_model().bfloat16(), tmp_path / "m")
    tried = trial(folder)
    settings = {
        "samples": samples_of(6),
        "instructions": dict(zip("abc", TEXTS, strict=True)),
        "view": "crosslingual",
        "language": "de",
        "token_budget": 500,
        "chunk": 3,
        "checks": 3,
    }
    for arithmetic in ("float32", "float16-products", "two-part-bfloat16"):
        output = tmp_path / f"{arithmetic}.parquet"
        table = score_block(folder, output=output, precision=arithmetic, **settings)
        np.testing.assert_allclose(tried[arithmetic], table["logprob"], rtol=0, atol=2e-4)
        # The check is of the stored weights, in higher precision.
        np.testing.assert_allclose(tried["float32"], table["logprob_check"], rtol=0, atol=2e-4)
    assert abs(tried["float16-products"] - tried["float32"]).max() > 1e-3


def test_a_summary_repeats_the_check_on_the_rescored_prompts(capsys):
    decision = decide(scores(2, (0.0, 0.0)), {"r": scores(1, (0.0, 0.0)), None: None})
    rewards = pd.DataFrame({"id": IDS, "reward": EXACT + [0.3, -0.3] * 4, "reward_check": EXACT})
    rewards.loc[4:, "reward_check"] = np.nan
    told = summary(decision, "r", rewards)
    assert {trial["reference"] for trial in told["trials"]} == {"r"} and len(told["trials"]) == 2
    assert told["check"]["extremes"] == 2 and told["check"]["noise"] == pytest.approx(0.3)
    assert "THIS WOULD BE REFUSED" in capsys.readouterr().out
    unchecked = rewards.assign(reward_check=np.nan)
    assert summary(decision, "r", unchecked)["check"] is None


def test_scores_in_two_arithmetics_are_refused():
    decision = {"arithmetic": "float32"}
    table = pd.DataFrame({"arithmetic": ["float32", "float32"]})
    check_one_arithmetic(decision, table, None)
    with pytest.raises(InputError, match="computed in float16-products and float32"):
        check_one_arithmetic(decision, table, pd.DataFrame({"arithmetic": ["float16-products"]}))


def test_each_language_has_its_own_decision():
    """Ids such as ``es/a`` tell the language; a job scores in one arithmetic after the other."""
    policy, reference = scores(2, (0.01, 0.0)), scores(1, (0.01, 0.0))
    noisy = scores(1, (0.3, 0.0))
    together = [
        pd.concat([es.assign(id="es/" + es["id"]), de.assign(id="de/" + de["id"])])
        for es, de in ((policy, policy), (reference, noisy))
    ]
    decision = decide_by_language(together[0], {"r": together[1]})
    check_value(decision, DECISION, "x")
    assert decision["languages"]["es"]["arithmetic"] == "float16-products"
    assert decision["languages"]["de"]["arithmetic"] == "two-part-bfloat16"
    english = {"languages": {"en": {"arithmetic": "float16-products"}}}
    grouped = by_arithmetic(["en", "es", "de"], [english, decision], "float32")
    assert grouped == [("float16-products", ["en", "es"]), ("two-part-bfloat16", ["de"])]
    assert by_arithmetic(["en", "es"], [], "float32") == [("float32", ["en", "es"])]


def test_a_policy_has_one_decision_for_all_its_references():
    """Its own scores are shared by them."""
    decisions, policies = shipped().decisions, shipped().policies
    steps = policies.iterations
    scored = ("crosslingual", "ultrafeedback")
    assert policies.references("main-1", *scored) == ["llama-3-8b-sft", "llama-3-8b-sft-dpo"]
    assert policies.references("llama-3-8b-sft-dpo", *scored) == ["llama-3-8b-sft"]
    assert policies.without_reference("llama-3-8b-sft-dpo", *scored)
    assert not policies.without_reference("main-1", *scored)
    decision = ["results/paper/arithmetic/crosslingual/main-1/ultrafeedback/es-ru-de-fr.json"]
    assert decisions.of_step(steps["main-2"], "es") == decision
    assert decisions.of_step(steps["previous-reference-2"], "es") == decision
    authors = decisions.of_view("crosslingual-authors-3000", "main-1", scored[1], ["es", "de"])
    assert authors == decision
    (natural,) = decisions.of_step(steps["natural-reward-1"], "es")
    assert natural.startswith(
        "results/paper/natural-arithmetic/tulu-v2.5-13b-rm/llama-3-8b-sft-dpo/ultrafeedback/"
    )
    # English scores are shared by all views.
    assert decisions.of_step(steps["main-1"], "en") == decisions.of_step(
        steps["multilingual-reward-1"], "en"
    )


def test_nothing_is_decided_where_the_configuration_names_the_precision():
    demo = shipped("demo")
    assert all(demo.decisions.of_step(s, "es") == [] for s in demo.policies.iterations.values())
