"""Translations of a policy's responses by the policy itself."""

import pandas as pd
import pytest
from tiny import tiny_folder, tiny_tokenizer

from icr.models.chat import prompt_ids
from icr.sampling import BackendOptions, Sample
from icr.translation import responses
from icr.translation.failures import failures
from icr.translation.responses import Request, judged, translate_block

REQUEST = Request("To {language}: {text}", "<translated>\n", 40)


@pytest.mark.parametrize(
    ("answer", "finish", "expected"),
    [
        ("<translated>\nA spider.\n</translated>", "stop", ("", "A spider.")),
        ("<translated>\nA spider.</translated> I hope so", "length", ("", "A spider.")),
        ("<translated>\nA spider.", "stop", ("", "A spider.")),
        ("A spider.", "stop", ("", "A spider.")),
        ("<translated>\nA spider and", "length", ("cut", "")),
        ("<translated>\n \n</translated>", "stop", ("empty", "")),
        ("<translated>\n", "stop", ("empty", "")),
    ],
)
def test_what_counts_as_a_translation(answer, finish, expected):
    assert judged(answer, finish) == expected


class Translator:
    """Replaces the sampler: answers according to the text to translate."""

    def __init__(self, answers):
        self.tokenizer, self.answers, self.requests = tiny_tokenizer(), answers, []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def generate(self, prompts, seeds):
        groups = []
        for prompt in prompts:
            text = self.tokenizer.decode(prompt, skip_special_tokens=True)
            self.requests.append(text)
            source = text.partition(": ")[2].removesuffix("<translated>\n")
            answer, finish = self.answers[source]
            end = [self.tokenizer.eos_token_id] if finish == "stop" else []
            groups.append([Sample([*self.tokenizer(answer)["input_ids"], *end], finish, 0.0)])
        return groups


def samples_of(texts):
    """Two responses per prompt; those of more than five letters are cut."""
    tokenizer = tiny_tokenizer()
    rows = []
    for position, text in enumerate(texts):
        ids = tokenizer(text)["input_ids"]
        cut = len(text) > 5
        rows.append(
            {
                "id": f"p{position // 2}",
                "index": position % 2,
                "response": text,
                "response_ids": ids if cut else [*ids, 2],
                "finish_reason": "length" if cut else "stop",
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture
def translated(tmp_path, monkeypatch):
    folder = tiny_folder(tmp_path / "m")

    def run(samples, answers, **changes):
        translator = Translator(answers)
        monkeypatch.setattr(responses, "open_sampler", lambda *_: translator)
        settings = {
            "output": tmp_path / "t.parquet", "target": "en", "request": REQUEST,
            "backend": "x", "options": BackendOptions(), "chunk": 1, **changes,
        }  # fmt: skip
        return translate_block(folder, samples, **settings), translator.requests

    return run


def test_translations_replace_the_responses(translated):
    samples = samples_of(["ocho", "ocho", "seis patas", ""])
    answers = {
        "ocho": ("eight\n</translated>", "stop"),
        "seis patas": ("six legs</translated>", "stop"),
    }
    table, requests = translated(samples, answers)
    assert table[["id", "index"]].equals(samples[["id", "index"]])
    assert table["response"].tolist() == ["eight", "eight", "six legs", ""]
    assert table["failed"].tolist() == ["", "", "", "nothing"]
    plain = tiny_tokenizer()
    ids = [list(tokens) for tokens in table["response_ids"]]
    assert ids[0] == [*plain("eight")["input_ids"], 2]  # ends as the response did
    assert ids[2] == plain("six legs")["input_ids"]  # cut as the response was
    assert ids[3] == []
    assert requests == ["To English: ocho<translated>\n", "To English: seis patas<translated>\n"]
    assert failures(table) == {"nothing": 1}


def test_failures_are_marked_and_have_no_ids(translated):
    samples = samples_of(["uno", "dos", "tres", "cinco"])
    answers = {
        "uno": ("one", "length"),
        "dos": ("", "stop"),
        "tres": ("three", "stop"),
        "cinco": ("five</translated>", "length"),
    }
    table, _ = translated(samples, answers)
    assert table["failed"].tolist() == ["cut", "empty", "", ""]
    assert [len(ids) > 0 for ids in table["response_ids"]] == [False, False, True, True]
    assert failures(table) == {"cut": 1, "empty": 1}


def test_a_response_without_room_in_the_model_has_failed(translated):
    samples = samples_of(["uno", "a" * 200])
    table, requests = translated(
        samples, {"uno": ("one", "stop")}, options=BackendOptions(max_model_len=100)
    )
    assert table["failed"].tolist() == ["", "too-long"] and len(requests) == 1


def test_another_request_does_not_reuse_kept_chunks(translated):
    samples = samples_of(["uno", "dos"])
    translated(samples, {"uno": ("one", "stop"), "dos": ("two", "stop")})
    assert translated(samples, {})[1] == []  # all were kept
    other = Request("In {language}: {text}", "<translated>\n", 40)
    answers = {"uno": ("1", "stop"), "dos": ("2", "stop")}
    assert translated(samples, answers, request=other)[0]["response"].tolist() == ["1", "2"]


def test_a_real_policy_answers_after_the_primer(tmp_path):
    folder = tiny_folder(tmp_path / "m")
    samples = samples_of(["uno", "dos"])
    settings = {
        "target": "de", "request": REQUEST, "backend": "transformers",
        "options": BackendOptions(), "chunk": 1,
    }  # fmt: skip
    first = translate_block(folder, samples, tmp_path / "a.parquet", **settings)
    again = translate_block(folder, samples, tmp_path / "b.parquet", **settings)
    assert first.equals(again) and set(first["failed"]) <= {"", "cut", "empty"}
    assert prompt_ids(tiny_tokenizer(), REQUEST.text("uno", "de"))
