"""API keys in the configuration are refused, and no message repeats them."""

import pytest
from configurations import raw
from refusals import refusal

from icr.config import load_config
from icr.config.judges import Judge
from icr.config.secrets import hidden

KEY = "sk-proj-4fYh2Lk9QwXz81mNbV"
"""A key in the format of a service."""
PLAIN = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
"""A key of letters and digits only."""
API = {"model": "m", "api": "https://judge.example/v1"}


@pytest.mark.parametrize(
    ("judge", "where"),
    [
        ({**API, "key": KEY}, "judges.mine.key: must be the name of an environment variable"),
        ({**API, "key": PLAIN}, "judges.mine.key: must be the name of an environment variable"),
        ({**API, "key": f"Bearer {PLAIN}"}, "judges.mine.key: must be the name"),
        ({**API, "key": [KEY]}, "judges.mine.key"),
        ({**API, "api_key": PLAIN}, "judges.mine.api_key: no setting takes a secret"),
        ({**API, "options": {"api_key": PLAIN}}, "judges.mine.options.api_key: no setting takes"),
        ({**API, "options": {"user": KEY}}, "judges.mine.options.user: holds what looks like an "),
        (
            {**API, "options": {"headers": {"Authorization": PLAIN}}},
            "options.headers.Authorization",
        ),
        ({**API, "api": f"https://me:{PLAIN}@judge.example/v1"}, "judges.mine.api: holds"),
        ({**API, "api": f"https://judge.example/v1?api-key={PLAIN}"}, "judges.mine.api: holds"),
        ({**API, "api": f"judge.example/{PLAIN}"}, "judges.mine.api: an address must begin with"),
        ({**API, "model": KEY}, "judges.mine.model: holds"),
        ({**API, "concurrency": PLAIN}, "judges.mine.concurrency"),
        ({**API, "price": {"input": PLAIN, "output": 1}}, "judges.mine.price.input"),
        ({"serve": {"backend": PLAIN, "model": "x"}}, "judges.mine.serve.backend"),
        (PLAIN, "judges.mine"),
        (KEY, "judges.mine: holds what looks like an API key"),
    ],
)
def test_an_api_key_in_a_judge_is_refused_and_not_shown(judge, where):
    config = raw("demo")
    config["judges"]["mine"] = judge
    message = refusal(load_config, config)
    assert where in message
    assert KEY not in message and PLAIN not in message


def test_an_api_key_elsewhere_is_refused_and_not_shown():
    config = raw("demo")
    config["mirrors"] = {"hub": f"https://me:{PLAIN}@hub.example"}
    config["judges"][KEY] = API
    config["sampling"]["options"] = {"token": PLAIN}
    config["evaluation"]["xalpacaeval"]["judge"] = KEY
    message = refusal(load_config, config)
    for where in (
        "mirrors.hub: holds",
        "judges.***",
        "sampling.options.token: no setting",
        "evaluation.xalpacaeval.judge: holds",
    ):
        assert where in message
    assert KEY not in message and PLAIN not in message


def test_validation_errors_show_no_input():
    with pytest.raises(ValueError, match="key") as caught:
        Judge.model_validate({**API, "key": KEY})
    assert KEY not in str(caught.value)


def test_other_texts_are_not_hidden():
    for text in (
        "https://api.openai.com/v1",
        "sk-translations",
        "hf_models",
        "Please answer the following instruction using only {language}",
        "results/token_budget",
        "someone@example.org",
        "0a1b2c3d4e5f6071",
    ):
        assert hidden(text) == text
    config = raw("demo")
    config["judges"]["mine"] = {**API, "key": "MY_KEY_2", "options": {"user": "someone"}}
    assert load_config(config).judges["mine"].key == "MY_KEY_2"


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        ({"api": "ftp://x"}, "an address must begin with https://"),
        ({"api": "https:///v1"}, "an address must begin with https://"),
        ({"api": "https://x/v1?version=2"}, "not hold a user, password or query"),
        ({"api": "https://x/v1/chat/completions"}, "must end before /chat/completions"),
        ({"options": {"stream": True, "n": 2}}, "options: n, stream cannot be changed"),
        ({"timeout": float("inf")}, "timeout"),
    ],
)
def test_invalid_settings_of_a_judge_are_named(judge, message):
    config = raw("demo")
    config["judges"]["mine"] = {**API, **judge}
    assert message in refusal(load_config, config)


def test_only_an_endpoint_answers_as_another_model():
    config = raw("demo")
    config["judges"]["oracle"]["answers_as"] = "x"
    assert "only a judge at an endpoint ('api') takes 'answers_as'" in refusal(load_config, config)


def test_half_of_a_character_in_the_configuration_is_named():
    config = raw("demo")
    config["self_translation"] = {"prompt": "{language}: {text} \ud83d"}
    assert "configuration: a text holds half of a character" in refusal(load_config, config)


@pytest.mark.parametrize(
    "name", ["hf-llama-3-8b-instruct", "sk-translations-2024", "data/sk-prompts-2024-v1",
             "xai-grok-2-latest-mini", "hf_llama_3_8b_instruct_finetuned"],
)  # fmt: skip
def test_names_that_begin_like_keys_are_not_hidden(name):
    assert hidden(name) == name


def test_a_key_is_hidden_completely():
    assert hidden("sk-proj-A1b2C3d4E5f6G7h8I9-tail_of-it") == "***"
