"""Preference pairs by reward: best against worst, the length penalty, and discarded responses."""

import math

import pandas as pd
import pytest

from icr.errors import InputError
from icr.pairing.pairs import build
from icr.pairing.selection import PairSettings
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of, without_failed
from icr.rewards.implicit import implicit_reward
from icr.storage.schemas.checks import check_value, checked_table
from icr.storage.schemas.pairs import PAIR_SUMMARY, PAIRS, RESPONSES

ENGLISH = [
    "The weather in the mountains is cold today.",
    "A longer answer about the weather in the mountains, which is cold today.",
    "It rains.",
]


def settings(**changes):
    plain = {
        "beta": 0.1,
        "penalty": "none",
        "identical": "drop",
        "truncated": "keep",
        "wrong_language": "keep",
        "upper_bound": None,
    }
    return PairSettings(**{**plain, **changes})


def tables(rewards, responses=None, finish=None, checks=0.0):
    """Samples and rewards of two prompts with three responses each."""
    responses = responses or [ENGLISH, ENGLISH]
    rows = [
        {
            "id": f"p{p}",
            "index": i,
            "prompt": f"prompt {p}",
            "prompt_ids": [1, p],
            "response": text,
            "response_ids": [p, i],
            "finish_reason": (finish or {}).get((p, i), "stop"),
            "logprob": -1.0,
        }
        for p, texts in enumerate(responses)
        for i, text in enumerate(texts)
    ]
    samples = pd.DataFrame(rows)
    flat = [r / 0.1 for group in rewards for r in group]
    policy = samples[["id", "index"]].assign(logprob=flat, logprob_check=flat)
    reference = policy.assign(logprob=0.0, logprob_check=checks)
    return samples, crosslingual(samples, policy, reference)


def crosslingual(samples, policy, reference):
    """Rewards by the names that the configuration uses, with β = 0.1."""
    reward = REWARDS["crosslingual"].bound(settings(), {})
    return rewards_of(reward, samples, policy.assign(tokens=2), reference)


def test_best_against_worst_with_everything_recorded():
    result = build(*tables([[3.0, 1.0, 2.0], [0.0, 1.0, -1.0]]), "en", settings())
    first, second = result.pairs.to_dict("records")
    assert (first["chosen_index"], first["rejected_index"]) == (0, 1)
    assert (second["chosen_index"], second["rejected_index"]) == (1, 2)
    assert first["chosen"] == ENGLISH[0] and first["rejected"] == ENGLISH[1]
    assert first["chosen_reward"] == pytest.approx(3.0)
    assert list(first["chosen_ids"]) == [0, 0] and list(first["prompt_ids"]) == [1, 0]
    assert first["chosen_length"] == len(ENGLISH[0]) and first["chosen_language"] == "en"
    assert result.summary["pairs"] == 2 and not any(result.summary["dropped"].values())
    assert len(result.responses) == 6


def test_pairs_responses_and_summary_fit_their_schemas():
    rewards = [[3.0, 1.0, 2.0], [0.0, 1.0, -1.0]]
    result = build(*tables(rewards), "en", settings(penalty="exact"))
    of_pools = ["rejected_prompt_language"]
    assert [*result.pairs, *of_pools] == PAIRS.columns
    assert list(result.responses) == RESPONSES.columns
    checked_table(result.pairs, PAIRS, "pairs")
    checked_table(result.responses, RESPONSES, "responses")
    summary = {**result.summary, "failed_translations": {"cut": 1}, "likelihood": None}
    check_value(summary, PAIR_SUMMARY, "summary")


def test_the_penalty_brings_the_mean_lengths_together():
    rewards = [[1.0, 1.5, 0.0], [1.0, 1.4, 0.2]]
    plain = build(*tables(rewards), "en", settings()).summary["alpha"]
    exact = build(*tables(rewards), "en", settings(penalty="exact")).summary["alpha"]
    assert plain["value"] == 0 and plain["difference"] > 0
    assert abs(exact["difference"]) < abs(plain["difference"])
    assert exact["difference_without"] == plain["difference"]


def test_the_grid_is_in_units_without_beta():
    rewards = [[1.0, 1.5, 0.0], [1.0, 1.4, 0.2]]
    alpha = build(*tables(rewards), "en", settings(penalty="grid")).summary["alpha"]
    assert alpha["value"] / 0.1 * 1000 == pytest.approx(round(alpha["value"] / 0.1 * 1000))


def test_equal_responses_make_no_pair_and_are_counted():
    same = [["The same answer."] * 3, ENGLISH]
    result = build(*tables([[1, 2, 3], [1, 2, 3]], same), "en", settings())
    assert result.summary["dropped"]["identical"] == 1 and result.summary["pairs"] == 1
    kept = build(*tables([[1, 2, 3], [1, 2, 3]], same), "en", settings(identical="keep"))
    assert kept.summary["pairs"] == 2


def test_all_responses_of_all_prompts_equal_is_an_error():
    same = [["The same answer."] * 3] * 2
    with pytest.raises(InputError, match="no pair is left of 2 prompts; 2 had equal"):
        build(*tables([[1, 2, 3], [1, 2, 3]], same), "en", settings())


def test_the_summary_marks_mostly_cut_responses(capsys):
    rewards = [[1.0, 2.0, 0.0], [1.0, 2.0, 0.0]]
    plain = build(*tables(rewards, finish={(0, 0): "length"}), "en", settings()).summary
    assert (plain["responses"]["cut"], plain["responses"]["mostly_cut"]) == (1, False)
    assert "WARNING" not in capsys.readouterr().out
    cut = {(p, i): "length" for p in (0, 1) for i in (0, 1)}
    mostly_cut = build(*tables(rewards, finish=cut), "en", settings()).summary
    assert (mostly_cut["responses"]["cut"], mostly_cut["responses"]["mostly_cut"]) == (4, True)
    assert "WARNING: 4 of 6 responses were cut" in capsys.readouterr().out


def test_empty_responses_are_discarded():
    texts = [["", *ENGLISH[:2]], ["", "", ENGLISH[0]]]
    result = build(*tables([[9, 1, 2], [9, 8, 1]], texts), "en", settings())
    assert result.summary["responses"]["empty"] == 3
    assert result.summary["dropped"]["too_few_responses"] == 1
    assert result.pairs["chosen_index"].tolist() == [2]


def test_cut_responses_are_kept_or_discarded():
    inputs = tables([[3, 1, 2], [3, 1, 2]], finish={(0, 0): "length", (1, 0): "length"})
    assert build(*inputs, "en", settings()).pairs["chosen_index"].tolist() == [0, 0]
    without_cut = build(*inputs, "en", settings(truncated="drop"))
    assert without_cut.pairs["chosen_index"].tolist() == [2, 2]
    assert without_cut.summary["responses"]["cut"] == 2


def test_responses_in_another_language_can_be_discarded():
    texts = [["Сегодня в горах очень холодно и идёт снег.", *ENGLISH[:2]], ENGLISH]
    inputs = tables([[9, 2, 1], [3, 2, 1]], texts)
    assert build(*inputs, "en", settings()).pairs["chosen_language"].tolist() == ["ru", "en"]
    in_english = build(*inputs, "en", settings(wrong_language="drop"))
    assert in_english.pairs["chosen_index"].tolist() == [1, 0]


def test_an_upper_bound_limits_chosen_responses_and_discards_prompts_without_one():
    result = build(*tables([[3, 1, 2], [9, 8, 7]]), "en", settings(upper_bound=2.5))
    assert result.pairs["chosen_index"].tolist() == [2]
    assert result.summary["dropped"]["upper_bound"] == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_not_finite_is_named(value):
    policy = pd.DataFrame({"id": ["p0", "p1"], "index": [0, 1], "logprob": [-1.0, -2.0]})
    policy["logprob_check"] = float("nan")
    reference = policy.assign(logprob=[-1.0, value])
    with pytest.raises(InputError, match=r"reference's log-probability of response 1 to prompt p1"):
        crosslingual(policy, policy, reference)


def test_without_a_reference_the_reward_is_the_log_probability():
    policy = pd.DataFrame({"id": ["p0", "p0"], "index": [0, 1], "logprob": [-1.0, -2.0]})
    rewards = crosslingual(policy, policy.assign(logprob_check=[-1.5, -2.5]), None)
    assert rewards["reward"].tolist() == pytest.approx([-0.1, -0.2])
    assert rewards["reward_check"].tolist() == pytest.approx([-0.15, -0.25])


def test_scores_of_other_responses_are_refused():
    samples, rewards = tables([[1, 2, 3], [1, 2, 3]])
    other = rewards[::-1].reset_index(drop=True)
    with pytest.raises(InputError, match="not those of the sampled responses"):
        build(samples, other, "en", settings())
    scores = rewards[["id", "index"]].assign(logprob=0.0, logprob_check=0.0)
    with pytest.raises(InputError, match="of other responses"):
        crosslingual(samples, scores, scores[::-1].reset_index(drop=True))
    with pytest.raises(InputError, match="not of the rewarded responses"):
        without_failed(rewards, other.assign(failed=""))


def test_failed_translations_are_discarded_and_counted():
    samples, rewards = tables([[9, 1, 2], [3, 2, 9]])
    translations = rewards[["id", "index"]].assign(failed=["cut", "", "", "", "", "empty"])
    result = build(samples, without_failed(rewards, translations), "en", settings())
    assert result.pairs["chosen_index"].tolist() == [2, 0]
    assert result.pairs["rejected_index"].tolist() == [1, 1]
    assert result.summary["responses"]["without_reward"] == 2
    assert result.summary["responses"]["taking_part"] == 4
    assert result.summary["reward_spread"] == pytest.approx(0.5)
    assert all(math.isfinite(quantile) for quantile in result.summary["reward_quantiles"])


def test_one_response_per_prompt_is_refused():
    inputs = (t[t["index"] == 0].reset_index(drop=True) for t in tables([[1, 2, 3], [1, 2, 3]]))
    with pytest.raises(InputError, match="at least 2; found {1}"):
        build(*inputs, "en", settings())


def test_reward_is_the_scaled_log_ratio():
    policy, reference = pd.Series([-3.0]).to_numpy(), pd.Series([-5.0]).to_numpy()
    assert implicit_reward(policy, reference, 0.1)[0] == pytest.approx(0.2)


def test_croco_counts_prompts_without_a_lower_reward_and_states_its_share():
    samples, rewards = tables([[1.0, 3.0, 2.0], [2.0, 2.0, 2.0]])
    result = build(samples, rewards, "en", settings(method="croco"))
    assert result.pairs[["id", "chosen_index", "rejected_index"]].values.tolist() == [["p0", 1, 0]]
    assert result.summary["dropped"]["upper_bound"] == 1
    assert result.summary["shares"] == {"rejected_is_lowest": 1.0}
    assert result.summary["alpha"] is None
    complete = {**result.summary, "failed_translations": None, "likelihood": None}
    check_value(complete, PAIR_SUMMARY, "summary")
    assert "shares" not in build(samples, rewards, "en", settings()).summary
