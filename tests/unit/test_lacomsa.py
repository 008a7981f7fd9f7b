"""LaCoMSA: hidden states, the reward computed from them, and the pairing."""

import numpy as np
import pandas as pd
import pytest
import torch
from configurations import raw, shipped
from tiny import tiny_folder, tiny_tokenizer
from transformers import AutoModelForCausalLM

from icr.config import load_config
from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.pairing import PAIRINGS, Candidates
from icr.pairing.pairs import build
from icr.pairing.selection import PairSettings
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of
from icr.scoring.states import state_block
from icr.workflow.study import Study

LAYERS, LAYER = 3, 2
ENGLISH = {"a": ["yes", "no, never", "yes", ""], "b": ["four", "4", "five", "six of them"]}
SPANISH = {"a": ["si", "no", "nunca", "acaso no"], "b": ["cuatro", "cinco", "4", "yes"]}


def sampled(language, answers):
    """A table of samples, whose responses are the recorded bytes and an end token."""
    tokenizer = tiny_tokenizer()
    rows = []
    for name, texts in answers.items():
        prompt = f"question {name} in {language}"
        for index, text in enumerate(texts):
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            rows.append(
                {"id": name, "index": index, "prompt": prompt, "response": text,
                 "prompt_ids": prompt_ids(tokenizer, prompt), "response_ids": [*ids, 2],
                 "finish_reason": "stop", "logprob": -1.0}
            )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("model") / "m", num_hidden_layers=LAYERS)


def states(folder, tmp_path, samples, name="s", **changes):
    arguments = {
        "layer": LAYER, "precision": "float32", "token_budget": 200, "chunk": 1, "checks": 1,
        **changes,
    }  # fmt: skip
    return state_block(folder, samples, tmp_path / f"{name}.parquet", **arguments)


def direct(folder, samples, layer):
    """Mean hidden states, one response at a time, from the model's own list of hidden states."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    means = []
    for row in samples.itertuples():
        ids = torch.tensor([[*row.prompt_ids, *row.response_ids]])
        with torch.no_grad():
            hidden = model(ids, output_hidden_states=True).hidden_states[layer][0]
        means.append(hidden[len(row.prompt_ids) :].mean(dim=0).double())
    return torch.stack(means)


@pytest.mark.parametrize("layer", [1, LAYER, LAYERS])
def test_states_are_means_of_the_models_hidden_states(folder, tmp_path, layer):
    samples = sampled("es", SPANISH)
    table = states(folder, tmp_path, samples, layer=layer)
    for column, number in (("layer", layer), ("last", -1)):
        expected = direct(folder, samples, number).numpy()
        np.testing.assert_allclose(np.stack(table[column]), expected, atol=1e-5)
    assert table[["id", "index"]].equals(samples[["id", "index"]])
    assert table["layer_check"].notna().tolist() == [True] * 4 + [False] * 4
    np.testing.assert_allclose(
        np.stack(table["last_check"][:4]), np.stack(table["last"][:4]), atol=1e-5
    )


def test_states_do_not_depend_on_their_batch(folder, tmp_path):
    samples = sampled("es", SPANISH)
    together = states(folder, tmp_path, samples, "together", token_budget=5000, chunk=2)
    alone = states(folder, tmp_path, samples, "alone", token_budget=1)
    np.testing.assert_allclose(np.stack(together["layer"]), np.stack(alone["layer"]), atol=1e-5)


def test_a_killed_job_keeps_finished_prompts(folder, tmp_path, monkeypatch):
    from icr.scoring import states as module

    samples, read = sampled("es", SPANISH), module.StateReader.read
    lengths = []

    def dies(self, examples):
        lengths.append(len(examples))
        if len(lengths) == 2:
            raise KeyboardInterrupt
        return read(self, examples)

    monkeypatch.setattr(module.StateReader, "read", dies)
    with pytest.raises(KeyboardInterrupt):
        states(folder, tmp_path, samples, checks=0)
    resumed = states(folder, tmp_path, samples, checks=0)
    assert lengths == [4, 4, 4]  # the first prompt once, the second again
    whole = states(folder, tmp_path, samples, "whole", checks=0)
    np.testing.assert_array_equal(np.stack(resumed["layer"]), np.stack(whole["layer"]))


def test_a_layer_that_the_model_lacks_is_refused(folder, tmp_path):
    with pytest.raises(
        InputError, match=r"reward\.layer is 4, .* has 3 layers; name one of 1 to 3"
    ):
        states(folder, tmp_path, sampled("es", SPANISH), layer=4)


def test_states_that_are_not_finite_are_refused(tmp_path):
    broken = tiny_folder(tmp_path / "m", num_hidden_layers=LAYERS)
    model = AutoModelForCausalLM.from_pretrained(broken)
    with torch.no_grad():
        model.get_input_embeddings().weight[:] = float("nan")
    model.save_pretrained(broken)
    with pytest.raises(InputError, match="no finite hidden state for response 0 to prompt a"):
        states(broken, tmp_path, sampled("es", SPANISH))


def rewarded(folder, tmp_path, own=SPANISH, english=ENGLISH, **settings):
    own, english = sampled("es", own), sampled("en", english)
    reward = REWARDS["lacomsa"].bound(None, settings)
    return rewards_of(
        reward,
        own,
        states=states(folder, tmp_path, own, "own"),
        english=english,
        english_states=states(folder, tmp_path, english, "english"),
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_the_reward_equals_a_direct_computation_from_hidden_states(folder, tmp_path, weighted):
    own, english = sampled("es", SPANISH), sampled("en", ENGLISH)
    layer = {name: direct(folder, rows, LAYER) for name, rows in (("own", own), ("en", english))}
    last = {name: direct(folder, rows, -1) for name, rows in (("own", own), ("en", english))}
    cosine = torch.nn.functional.cosine_similarity
    expected = []
    for row in own.itertuples():
        mine = np.flatnonzero(own["id"] == row.id)
        texts = english["response"].where(english["id"] == row.id, "")
        answers = np.flatnonzero((texts != "") & ~texts.duplicated())
        reward = cosine(layer["own"][row.Index][None], layer["en"][answers]).mean()
        if weighted:
            state = last["own"][row.Index]
            to_own = cosine(state, last["own"][mine].mean(dim=0), dim=0)
            to_english = cosine(state, last["en"][answers].mean(dim=0), dim=0)
            reward = reward * torch.sigmoid((to_own - to_english - reward) / 2)
        expected.append(float(reward))
    table = rewarded(folder, tmp_path, weighted=weighted)
    np.testing.assert_allclose(table["reward"], expected, atol=1e-5)
    np.testing.assert_allclose(table["reward_check"][:4], expected[:4], atol=1e-5)
    assert table["reward_check"][4:].isna().all() and len(set(np.round(expected, 6))) == 8


def test_the_number_of_english_answers_is_a_setting(folder, tmp_path):
    first = rewarded(folder, tmp_path, answers=1)
    alone = {name: [texts[0]] * 4 for name, texts in ENGLISH.items()}
    same = rewarded(folder, tmp_path, english=alone)
    np.testing.assert_allclose(first["reward"], same["reward"])
    assert not np.allclose(first["reward"], rewarded(folder, tmp_path)["reward"])


def test_a_prompt_without_an_english_answer_has_no_pair(folder, tmp_path):
    table = rewarded(folder, tmp_path, english={**ENGLISH, "a": ["", "", "", ""]})
    assert (table["reward"][:4] == 0).all() and (table["reward"][4:] != 0).all()
    settings = PairSettings(0.1, "none", "drop", "keep", "keep", None, "lacomsa", method="random")
    result = build(sampled("es", SPANISH), table, "es", settings)
    assert result.pairs["id"].tolist() == ["b"] and result.summary["alpha"] is None
    assert result.summary["dropped"]["upper_bound"] == 1


def test_states_and_english_responses_must_be_of_the_same_prompts(folder, tmp_path):
    own, english = sampled("es", SPANISH), sampled("en", ENGLISH)
    reward = REWARDS["lacomsa"].bound(None, {})
    own_states = states(folder, tmp_path, own, "own")
    english_states = states(folder, tmp_path, english, "english")
    with pytest.raises(InputError, match="hidden states are of other responses"):
        rewards_of(reward, own, states=own_states[::-1], english=english)
    other = english[english["id"] == "a"]
    with pytest.raises(InputError, match="English responses are to other prompts"):
        rewards_of(reward, own, states=own_states, english=other, english_states=english_states[:4])


def candidates(rewards, texts, language="es"):
    rewards, texts = np.array(rewards, dtype=float), np.array(texts, dtype=object)
    ids = [f"p{number}" for number in range(len(rewards))]
    return Candidates(language, ids, rewards, np.ones(rewards.shape), texts)


def random_pairs(*arguments, **settings):
    return PAIRINGS["random"].bound(None, settings)(candidates(*arguments))


def test_each_pair_of_different_rewards_and_texts_is_equally_likely():
    rewards, texts = [0.3, 0.1, np.nan, 0.2, 0.2], ["a", "b", "c", "d", "a"]
    choice = random_pairs([rewards] * 3000, [texts] * 3000)
    drawn = pd.Series(list(zip(choice.chosen, choice.rejected, strict=True))).value_counts()
    # Not (0, 4), whose texts are equal; not (3, 4), whose rewards are; not 2, which is excluded.
    assert set(drawn.index) == {(0, 1), (0, 3), (3, 1), (4, 1)}
    assert drawn.between(650, 850).all() and not choice.left_out.any() and choice.alpha is None


def test_a_draw_depends_on_seed_language_and_prompt_alone():
    rewards, texts = [[0.1, 0.2, 0.3, 0.4, 0.5]] * 50, [["a", "b", "c", "d", "e"]] * 50
    choice = random_pairs(rewards, texts)
    fewer = random_pairs(rewards[:20], texts[:20])
    assert (fewer.chosen == choice.chosen[:20]).all()
    for other in (random_pairs(rewards, texts, seed=7), random_pairs(rewards, texts, "ru")):
        assert (other.chosen != choice.chosen).any()


def test_a_prompt_whose_rewards_or_texts_are_equal_is_left_out():
    choice = random_pairs(
        [[0.2, 0.2], [0.2, 0.1], [0.2, 0.1]], [["a", "b"], ["a", "a"], ["a", "b"]]
    )
    assert choice.left_out.tolist() == [True, True, False]


def config(**row):
    rows = raw("demo-all")
    reward = {"view": "lacomsa", "layer": 1}
    rows["experiments"]["toy"] = {
        "languages": ["es", "ru"], "reward": reward, "iterations": 1, **row,
    }  # fmt: skip
    return rows


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"reward": {"view": "lacomsa"}}, "needs the key 'layer', such as 15"),
        ({"reward": {"layer": 3}}, "'crosslingual' reads no hidden states; leave out 'layer'"),
        ({"reward": {"view": "lacomsa", "layer": 0}}, r"reward\.layer: .*greater than 0"),
        ({"languages": ["en", "es"]}, "leave 'en' out of 'languages'"),
        ({"reward": {"view": "lacomsa", "layer": 1, "settings": {"weighted": 2}}},
         "'weighted' is 2; it must be of type bool"),
        ({"pairs": {"method": "random", "settings": {"seed": "x"}}}, "must be of type int"),
    ],
)  # fmt: skip
def test_mistakes_are_reported_before_any_job(row, message):
    with pytest.raises(InputError, match=message):
        load_config(config(**row))


def test_english_responses_and_states_are_inputs_but_not_rewarded():
    study = Study(load_config(config()))
    blocks, step = study.blocks, study.policies.iterations["toy-1"]
    assert blocks.english_samples(step) == blocks.samples(study.policies.iterations["main-1"], "en")
    assert "/hidden-states/1/miniature-dpo/miniature/" in blocks.hidden_states(step, "es")[0]
    assert not blocks.logprobs(step, step.start, "es") and not blocks.natural_rewards(step, "es")
    assert blocks.english_states(step) and not blocks.english_states(
        study.policies.iterations["main-1"]
    )
    assert study.evaluations.xalpacaeval.languages["toy-1"] == ["en", "es", "ru"]


@pytest.mark.parametrize("name", ["config", "demo-all"])
def test_the_rows_share_mains_samples_and_each_others_states(name):
    study = shipped(name)
    blocks, steps = study.blocks, study.policies.iterations
    weighted, unweighted = steps["lacomsa-1"], steps["lacomsa-unweighted-1"]
    assert weighted.settings.languages == study.config.experiments["main"].languages[1:]
    for language in ("en", *weighted.settings.languages):
        assert blocks.samples(weighted, language) == blocks.samples(steps["main-1"], language)
        assert blocks.hidden_states(weighted, language) == blocks.hidden_states(
            unweighted, language
        )
