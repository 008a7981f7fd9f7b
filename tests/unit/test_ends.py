"""Tokens that end a response: how they are determined, recorded, scored and trained on."""

import json

import pandas as pd
import pytest
from blocks import numbered_prompts, sampled_block
from tiny import EOT, EOT_TEMPLATE, TEMPLATE, eot_folder, tiny_folder, tiny_tokenizer

from icr.errors import InputError
from icr.evaluation.mtbench.answers import answer_questions
from icr.models.chat import check_tokenizer, check_turns, prompt_ids, response_text
from icr.models.checkpoint import describe
from icr.models.load import load_tokenizer
from icr.models.snapshots import link_folder
from icr.models.turn_ends import end_ids, ends_line, turn_end, write_ends
from icr.sampling import BackendOptions, Sample, SamplingSettings, open_sampler
from icr.scoring.block import score_block
from icr.training.data import read_pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return eot_folder(tmp_path_factory.mktemp("ends") / "model")


def ending(template, more=("<|end|>",)):
    return turn_end(
        tiny_tokenizer("{% for m in messages %}" + template + "{% endfor %}", more=more)
    )


@pytest.mark.parametrize(
    ("template", "end"),
    [
        ("{{ m.role }}: {{ m.content }}<|end|>", 261),
        ("{{ m.content }}<|end|>\n", 261),
        ("{{ m.content }} \n<|end|>\n</s>", 261),
        ("{{ m.content }}</s>", 2),
        ("{% if m.role == 'user' %}{{ m.content }}</s>{% else %}{{ m.content }}<|end|>{% endif %}",
         261),
        ("{{ m.content }}\n###\n", None),
        ("{{ m.content }} and <|end|>", None),
        ("<|end|>{{ m.content }}", None),
        ("{% if m.role == 'user' %}{{ m.content }}<|end|>{% endif %}", None),
        ("{% if m.role != 'user' %}{{ raise_exception('no') }}{% endif %}<|end|>", None),
    ],
)  # fmt: skip
def test_the_template_determines_the_turn_end_token(template, end):
    assert ending(template) == end


def test_text_that_looks_like_a_token_ends_no_turn():
    assert ending("{{ m.content }}<|end|>", more=()) is None


def test_end_tokens_come_from_settings_and_template(folder):
    tokenizer = load_tokenizer(folder)
    assert turn_end(tokenizer) == EOT and end_ids(folder, tokenizer) == [2, EOT]
    assert ends_line(tokenizer, [2, EOT]) == "responses end with </s> or <|eot_id|>"


def test_the_log_reports_a_template_without_turn_end_token(tmp_path):
    plain = tiny_folder(tmp_path / "m")
    tokenizer = load_tokenizer(plain)
    assert end_ids(plain, tokenizer) == [2]
    assert "no special token after an assistant's turn" in ends_line(tokenizer, [2])


def sampled(folder, tmp_path, max_tokens=60, prompts=4, n=10):
    rows, settings = numbered_prompts(prompts), SamplingSettings(n, 1.0, max_tokens)
    return sampled_block(folder, rows, tmp_path / "b.parquet", settings, chunk=2)


def test_a_turn_ends_where_the_template_ends_it(folder, tmp_path):
    table = sampled(folder, tmp_path)
    ended = table["finish_reason"] == "stop"
    assert ended.mean() > 0.9
    ids = table["response_ids"].map(list)
    assert (ids.map(lambda response_ids: response_ids[-1] == EOT) == ended).all()
    assert not ids.map(lambda response_ids: EOT in response_ids[:-1]).any()
    assert not table["response"].str.contains("eot_id").any()


def test_the_end_token_is_scored_and_trained_on_and_none_is_added(folder, tmp_path):
    table = sampled(folder, tmp_path)
    ids = table["response_ids"].map(lambda tokens: [int(token) for token in tokens])
    scores = score_block(
        folder, table, {f"id{i}": f"Say {i}!" for i in range(4)}, tmp_path / "s.parquet",
        "multilingual", "en", "float32", 4000, 2, 0,
    )  # fmt: skip
    assert scores["tokens"].tolist() == ids.map(len).tolist()
    pairs = pd.DataFrame(
        {
            "id": table["id"][:2],
            "prompt_ids": table["prompt_ids"][:2],
            "chosen_ids": ids[:2],
            "rejected_ids": ids[2:4].tolist(),
        }
    )
    pairs.to_parquet(tmp_path / "pairs.parquet")
    trained, _ = read_pairs([tmp_path / "pairs.parquet"], None)
    assert [list(tokens) for tokens in trained["chosen_ids"]] == ids[:2].tolist()


def test_the_text_excludes_the_end_token_even_an_ordinary_one():
    tokenizer = tiny_tokenizer()
    bang = tokenizer("!")["input_ids"][0]
    ids = [*tokenizer("Stop")["input_ids"], bang]
    assert response_text(tokenizer, Sample(ids, "stop", 0.0).content_ids) == "Stop"
    assert response_text(tokenizer, Sample(ids, "length", 0.0).content_ids) == "Stop!"


def card_of(folder, stop=()):
    return describe(folder, "tiny", {"folder": "x"}, None, None, stop)


def settings_of(folder):
    return json.loads((folder / "generation_config.json").read_text())


def test_a_checked_model_records_its_end_tokens(folder, tmp_path):
    """vLLM's server needs them, as it does not read the template, and so do trained policies."""
    before = settings_of(folder)
    link_folder(folder, tmp_path / "linked")
    card = card_of(tmp_path / "linked", ["~"])
    tilde = load_tokenizer(folder).get_vocab()["~"]
    assert card["ends"] == ["</s>", "~", "<|eot_id|>"]
    after = settings_of(tmp_path / "linked")
    assert after["eos_token_id"] == sorted([2, tilde, EOT])
    assert after["pad_token_id"] == before["pad_token_id"]
    assert settings_of(folder) == before  # the user's own folder is left alone
    assert end_ids(tmp_path / "linked", load_tokenizer(folder)) == after["eos_token_id"]


def test_a_stop_token_of_the_configuration_ends_responses(folder, tmp_path):
    link_folder(folder, tmp_path / "linked")
    card_of(tmp_path / "linked", ["~"])
    tilde = load_tokenizer(folder).get_vocab()["~"]
    prompt = prompt_ids(load_tokenizer(folder), "Say it!")
    with open_sampler(
        "transformers", tmp_path / "linked", SamplingSettings(200, 2.0, 60), BackendOptions()
    ) as sampler:
        samples = sampler.generate([prompt], [1])[0]
    last_tokens = {sample.response_ids[-1] for sample in samples if sample.finish_reason == "stop"}
    assert tilde in last_tokens and not any(tilde in sample.response_ids[:-1] for sample in samples)


def test_a_model_without_generation_settings_gets_them(tmp_path):
    folder = eot_folder(tmp_path / "m")
    (folder / "generation_config.json").unlink()
    assert write_ends(folder, load_tokenizer(folder), [], "m") == [2, EOT]
    assert settings_of(folder) == {"bos_token_id": 1, "eos_token_id": [2, EOT], "pad_token_id": 0}


@pytest.mark.parametrize("stop", ["<|im_end|>", "ab"])
def test_a_stop_that_is_no_token_is_refused(folder, tmp_path, stop):
    link_folder(folder, tmp_path / "linked")
    with pytest.raises(InputError, match="model 'tiny': stop .* is not a single token"):
        card_of(tmp_path / "linked", [stop])


def test_a_template_that_ignores_its_messages_is_refused():
    tokenizer = tiny_tokenizer("{{ bos_token }}<user>Hello!<assistant>")
    with pytest.raises(InputError, match=r"'m': its chat template leaves out turn 1 of 1.*Hello!"):
        check_tokenizer(tokenizer, "m")


def test_a_template_for_one_turn_is_refused_where_two_are_needed(tmp_path):
    tokenizer = tiny_tokenizer("{{ bos_token }}<user>{{ messages[0].content }}<assistant>")
    check_tokenizer(tokenizer, "m")
    folder = tiny_folder(tmp_path / "m", tokenizer=tokenizer)
    with pytest.raises(InputError, match="leaves out turn 2 of 3"):
        answer_questions(folder, {}, tmp_path / "a", 9, "never opened", BackendOptions(), (1,))
    for template in (TEMPLATE, EOT_TEMPLATE):
        check_turns(tiny_tokenizer(template, more=["<|eot_id|>"]))
