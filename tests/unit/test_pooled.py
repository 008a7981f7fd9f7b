"""Pairs pooled over languages, and responses of another policy as candidates."""

import numpy as np
import pandas as pd
import pytest
from configurations import raw
from refusals import refusal
from test_pairs import settings
from tiny import tiny_tokenizer

from icr.config import load_config
from icr.pairing.pooled import OTHER, POOL, build_pooled
from icr.storage.files import write_parquet
from icr.storage.schemas.checks import check_value
from icr.storage.schemas.pairs import PAIR_SUMMARY, PAIRS
from icr.training.data import read_pairs
from icr.workflow.study import Study

LANGUAGES = ["de", "en", "fr"]


def tables(rewards):
    """Samples and rewards by language, from rewards of shape (languages, prompts, responses)."""
    samples, scores = {}, {}
    for language, of_language in zip(LANGUAGES, rewards, strict=False):
        rows = [
            {"id": f"p{p}", "index": i, "prompt": f"{language} {p}", "prompt_ids": [1, p],
             "response": f"{language} response {p} {i}", "response_ids": [p, i],
             "finish_reason": "stop", "logprob": -1.0, "reward": reward, "reward_check": np.nan}
            for p, of_prompt in enumerate(of_language)
            for i, reward in enumerate(of_prompt)
        ]  # fmt: skip
        table = pd.DataFrame(rows)
        scores[language] = table[["id", "index", "reward", "reward_check"]]
        samples[language] = table.drop(columns=["reward", "reward_check"])
    return samples, scores


def expected(rewards):
    """The pairs (prompt, chosen, rejected) by the definition; a response is (language, index)."""
    pairs = []
    for prompt in range(rewards.shape[1]):
        pool = [((language, i), rewards[number, prompt, i])
                for number, language in enumerate(LANGUAGES)
                for i in range(rewards.shape[2])]  # fmt: skip
        values = np.array([reward for _, reward in pool])
        target = values.mean() - 2 * values.std()
        chosen = max(pool, key=lambda entry: entry[1])[0]  # the first of equals
        lower = [entry for entry in pool if entry[1] < values.max()]
        if lower:
            pairs.append((f"p{prompt}", chosen, min(lower, key=lambda e: abs(e[1] - target))[0]))
    return pairs


def test_pooled_pairs_against_brute_force_with_ties():
    rewards = np.random.default_rng(1).integers(-4, 5, (3, 60, 4)) / 4
    rewards[:, 7] = 1.0  # no pair
    result = build_pooled(*tables(rewards), settings(method="croco"))
    found = {
        row.id: ((language, row.chosen_index), (getattr(row, POOL), row.rejected_index))
        for language, made in result.items()
        for row in made.pairs.itertuples()
    }
    assert found == {prompt: (chosen, other) for prompt, chosen, other in expected(rewards)}
    assert sum(made.summary["prompts"] for made in result.values()) == 60
    assert sum(made.summary["dropped"]["upper_bound"] for made in result.values()) == 1


def test_a_pair_belongs_to_the_language_of_its_chosen_response(capsys):
    rewards = np.array([[[3.0, 0.0]], [[1.0, 2.0]], [[-1.0, 0.5]]])
    result = build_pooled(*tables(rewards), settings(method="croco"))
    [pair] = result["de"].pairs.to_dict("records")
    assert (pair["prompt"], pair["language"], pair[POOL]) == ("de 0", "de", "fr")
    assert np.isnan(pair["rejected_logprob"]), "that of another prompt says nothing of this one"
    assert pair["chosen_logprob"] == -1.0
    assert result["de"].summary["shares"][OTHER] == 1.0
    assert result["en"].pairs.empty and "shares" not in result["en"].summary
    assert "WARNING: no response in 'en' is the best one to its prompt" in capsys.readouterr().out
    for made in result.values():
        complete = {**made.summary, "failed_translations": None, "likelihood": None}
        check_value(complete, PAIR_SUMMARY, "summary")


def test_languages_with_other_prompts_are_refused():
    samples, rewards = tables(np.random.default_rng(2).random((2, 3, 4)))
    samples["en"] = samples["en"].replace({"p2": "p9"})
    rewards["en"] = rewards["en"].replace({"p2": "p9"})
    message = refusal(build_pooled, samples, rewards, settings(method="croco"))
    assert "language 'en' has other prompts than 'de'" in message


def test_rewards_that_are_missing_take_no_part():
    nan = np.nan
    result = build_pooled(*tables([[[3.0, nan]], [[1.0, nan]]]), settings(method="croco"))
    [pair] = result["de"].pairs.to_dict("records")
    assert (pair[POOL], pair["rejected_index"]) == ("en", 0)
    assert result["de"].summary["responses"]["without_reward"] == 1
    samples, rewards = tables([[[3.0, 1.0]], [[nan, nan]]])
    message = refusal(build_pooled, samples, rewards, settings(method="croco"))
    assert "language 'en': none of its 2 responses has a reward" in message


def test_training_reads_pooled_files_of_which_one_is_empty(tmp_path, capsys):
    result = build_pooled(*tables(np.array([[[3.0, 0.0]], [[1.0, 2.0]]])), settings(method="croco"))
    files = [tmp_path / f"{language}.parquet" for language in result]
    for file, made in zip(files, result.values(), strict=True):
        write_parquet(made.pairs, file, PAIRS)
    pairs, _ = read_pairs(files, None)
    assert len(pairs) == 1 and "en.parquet holds no pairs" in capsys.readouterr().out
    assert "no language has pairs" in refusal(read_pairs, files[1:], None)


def test_responses_of_another_policy_are_tokenised_as_text(tmp_path):
    template = (
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
        "{% if m.role == 'assistant' %}</s>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    tokenizer = tiny_tokenizer(template)
    samples, rewards = tables(np.array([[[3.0, 0.0]]]))
    samples["de"]["finish_reason"] = ["stop", "length"]
    made = build_pooled(samples, rewards, settings(method="croco"))["de"].pairs
    write_parquet(made, tmp_path / "de.parquet", PAIRS)
    pairs, _ = read_pairs([tmp_path / "de.parquet"], None, tokenizer)
    row = pairs.iloc[0]
    assert tokenizer.decode(row["prompt_ids"]).endswith("<assistant>")
    assert tokenizer.decode(row["chosen_ids"]) == "de response 0 0</s>"
    assert tokenizer.decode(row["rejected_ids"]) == "de response 0 1", "cut: no end token"
    assert row[["chosen_logprob", "rejected_logprob"]].isna().all()


REWARD_MODEL = {
    "reward": {"view": "natural", "model": "rm"},
    "length_penalty": {"mode": "none"},
    "iterations": 1,
}


def config(**row):
    """The demo with a reward model and an experiment ``croco``."""
    demo = raw("demo")
    demo["models"]["rm"] = {"source": {"folder": "data/rm"}}
    demo["experiments"]["croco"] = {**REWARD_MODEL, **row}
    return demo


def test_pooled_and_off_policy_rows_share_samples_and_scores():
    demo = config(pairs={"method": "croco", "pool": "languages"})
    demo["experiments"]["alone"] = {**REWARD_MODEL, "pairs": {"method": "croco"}}
    pairs = {"method": "croco", "sampler": "main-1"}
    demo["experiments"]["off-policy"] = {**REWARD_MODEL, "pairs": pairs}
    study = Study(load_config(demo))
    steps, blocks = study.policies.iterations, study.blocks
    pooled, alone, off = steps["croco-1"], steps["alone-1"], steps["off-policy-1"]
    assert study.policies.pooled == ["croco-1"] and "croco-1" not in study.policies.unpooled
    assert blocks.samples(pooled, "de") == blocks.samples(alone, "de")
    assert blocks.natural_rewards(pooled, "de") == blocks.natural_rewards(alone, "de")
    assert blocks.samples(off, "de") == blocks.samples(steps["main-2"], "de")
    assert (off.start, off.sampler) == ("miniature-dpo", "main-1")
    assert study.parameters.training("off-policy-1")["off_policy"]
    assert "off_policy" not in study.parameters.training("alone-1")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"pairs": {"pool": "languages"}, "languages": ["en"]}, "needs two or more languages"),
        ({"pairs": {"pool": "languages"}, "length_penalty": {"mode": "exact"}}, "one α per"),
        ({"pairs": {"pool": "languages", "method": "lidr"}}, "'lidr' has no rewards"),
        ({"pairs": {"pool": "languages"}, "reward": {"view": "crosslingual"}}, "log-probabilities"),
        ({"pairs": {"pool": "languages"}, "languages": ["es", "de"],
          "reward": {"view": "lacomsa", "layer": 1}}, "compares responses in one language"),
        ({"pairs": {"sampler": "main-1"}, "reward": {"view": "crosslingual"}}, "log-probabilities"),
        ({"pairs": {"sampler": "main-9"}}, "'main-9' is neither a model nor"),
        ({"pairs": {"sampler": "croco-1"}}, "'croco-1' is neither a model nor"),
        ({"pairs": {"sampler": "rm"}}, "'rm' is a reward model"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_pooled_or_sampled_are_refused(row, message):
    assert message in refusal(load_config, config(**row))
