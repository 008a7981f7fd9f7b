"""What ends a response, and what becomes of the token that ended it."""

import json

import pandas as pd
import pytest
from tiny import EOT, EOT_TEMPLATE, TEMPLATE, eot_folder, tiny_folder, tiny_tokenizer

from icr.errors import InputError
from icr.evaluation.mtbench.answers import answer_questions
from icr.models.chat import check_tokenizer, check_turns, prompt_ids, response_text
from icr.models.checkpoint import describe
from icr.models.load import load_tokenizer
from icr.models.snapshots import link_folder
from icr.models.turn_ends import end_ids, ends_line, turn_end, write_ends
from icr.sampling import BackendOptions, Sample, SamplingSettings, open_sampler
from icr.sampling.block import sample_block
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
def test_the_template_says_what_ends_a_turn(template, end):
    assert ending(template) == end


def test_a_token_that_only_looks_like_one_is_text():
    assert ending("{{ m.content }}<|end|>", more=()) is None


def test_eos_settings_and_template_are_put_together(folder):
    tokenizer = load_tokenizer(folder)
    assert turn_end(tokenizer) == EOT and end_ids(folder, tokenizer) == [2, EOT]
    assert ends_line(tokenizer, [2, EOT]) == "responses end with </s> or <|eot_id|>"


def test_where_the_template_says_nothing_the_log_does(tmp_path):
    plain = tiny_folder(tmp_path / "m")
    tokenizer = load_tokenizer(plain)
    assert end_ids(plain, tokenizer) == [2]
    assert "no special token after an assistant's turn" in ends_line(tokenizer, [2])


def sampled(folder, tmp_path, max_tokens=60, prompts=4, n=10):
    rows = [{"instruction": f"Say {i}!", "instruction_id": f"id{i}"} for i in range(prompts)]
    return sample_block(
        folder, rows, tmp_path / "b.parquet", SamplingSettings(n, 1.0, max_tokens), "transformers",
        BackendOptions(), chunk=2, seed_parts=(1,),
    )  # fmt: skip


def test_a_turn_ends_where_the_template_ends_it(folder, tmp_path):
    table = sampled(folder, tmp_path)
    ended = table["finish_reason"] == "stop"
    assert ended.mean() > 0.9
    ids = table["response_ids"].map(list)
    assert (ids.map(lambda one: one[-1] == EOT) == ended).all()
    assert not ids.map(lambda one: EOT in one[:-1]).any()
    assert not table["response"].str.contains("eot_id").any()


def test_the_token_that_ended_a_response_is_scored_and_trained_on_and_none_is_added(
    folder, tmp_path
):
    table = sampled(folder, tmp_path)
    ids = table["response_ids"].map(lambda one: [int(token) for token in one])
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
    assert [list(one) for one in trained["chosen_ids"]] == ids[:2].tolist()


def test_a_text_has_no_end_token_even_if_it_is_no_special_one():
    tokenizer = tiny_tokenizer()
    bang = tokenizer("!")["input_ids"][0]
    ids = [*tokenizer("Stop")["input_ids"], bang]
    assert response_text(tokenizer, Sample(ids, "stop", 0.0).content_ids) == "Stop"
    assert response_text(tokenizer, Sample(ids, "length", 0.0).content_ids) == "Stop!"


def card_of(folder, stop=()):
    return describe(folder, "tiny", {"folder": "x"}, None, None, stop)


def settings_of(folder):
    return json.loads((folder / "generation_config.json").read_text())


def test_a_checked_model_carries_what_ends_its_responses(folder, tmp_path):
    """For vLLM's server, which reads no template for it, and for policies trained from it."""
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
    last = {one.response_ids[-1] for one in samples if one.finish_reason == "stop"}
    assert tilde in last and not any(tilde in one.response_ids[:-1] for one in samples)


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
    deaf = tiny_tokenizer("{{ bos_token }}<user>Hello!<assistant>")
    with pytest.raises(InputError, match=r"'m': its chat template leaves out turn 1 of 1.*Hello!"):
        check_tokenizer(deaf, "m")


def test_a_template_for_one_turn_only_is_refused_where_two_are_asked(tmp_path):
    one = tiny_tokenizer("{{ bos_token }}<user>{{ messages[0].content }}<assistant>")
    check_tokenizer(one, "m")
    folder = tiny_folder(tmp_path / "m", tokenizer=one)
    with pytest.raises(InputError, match="leaves out turn 2 of 3"):
        answer_questions(folder, {}, tmp_path / "a", 9, "never opened", BackendOptions(), (1,))
    for template in (TEMPLATE, EOT_TEMPLATE):
        check_turns(tiny_tokenizer(template, more=["<|eot_id|>"]))
