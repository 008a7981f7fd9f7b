"""Judges: requests, stored verdicts, and the oracle of the miniature."""

import json
import math
import random
import shutil
import threading
from pathlib import Path

import pytest
from endpoint import completion, endpoint

from icr.errors import InputError
from icr.judging import JudgeSettings, Request, http, open_judge, pairwise
from icr.judging.causes import Cause
from icr.judging.client import Judge, spent
from icr.miniature import judge as oracle
from icr.miniature.world import HELD_OUT, World
from icr.storage.answers import Store, key_of

FACTS = "config/miniature/facts.yaml"


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.001)


def settings(url, **changes):
    return JudgeSettings(name="judge", model="m", api=url, **{"timeout": 0.5, **changes})


def questions(count):
    return [pairwise.request(f"Question {i}?", "one", "two") for i in range(count)]


def test_verdicts_are_stored_and_equal_questions_share_a_request(tmp_path):
    with endpoint() as server:
        for _ in range(2):
            with open_judge(settings(server.url), tmp_path / "v.jsonl") as judge:
                verdicts = judge.ask([*questions(5), *questions(5)])
        assert len(server.asked) == 5
    assert verdicts[:5] == verdicts[5:] and all(v.error is None for v in verdicts)
    assert spent(verdicts[:5], {"input": 10.0, "output": 30.0}) == {
        "tokens": {"input": 500, "output": 5},
        "price": 0.00515,
    }
    assert spent(verdicts, None)["price"] is None


def test_stored_verdicts_need_neither_server_nor_key(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "secret-value")
    with (
        endpoint(key="secret-value") as server,
        open_judge(settings(server.url, key="A_KEY"), tmp_path / "v.jsonl") as judge,
    ):
        first = judge.ask(questions(2))
    monkeypatch.delenv("A_KEY")
    with open_judge(settings(server.url, key="A_KEY"), tmp_path / "v.jsonl") as judge:
        assert judge.ask(questions(2)) == first
        with pytest.raises(InputError, match="environment variable A_KEY, which is not set"):
            judge.ask(questions(3))
    assert "secret-value" not in (tmp_path / "v.jsonl").read_text()


def test_a_wrong_key_ends_the_job_at_once_and_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "wrong-value")
    with (
        endpoint(key="right") as server,
        open_judge(settings(server.url, key="A_KEY"), tmp_path / "v.jsonl") as judge,
        pytest.raises(InputError, match=r"HTTP 401 invalid_api_key.*key in A_KEY") as caught,
    ):
        judge.ask(questions(3))
    assert len(server.asked) <= 8 and "wrong-value" not in str(caught.value)


def test_refused_questions_are_counted_and_retried_by_a_later_run(tmp_path):
    refused = {"error": {"code": "content_filter"}}

    def reply(body):
        return (400, refused) if "Question 3?" in str(body) else completion(body)

    with endpoint(reply) as server:
        tolerant = settings(server.url, tolerance=0.5)
        with open_judge(tolerant, tmp_path / "v.jsonl") as judge:
            verdicts = judge.ask(questions(5))
            assert [v.error for v in verdicts] == [None] * 3 + ["HTTP 400 content_filter", None]
            judge.ask(questions(5))
        assert len(server.asked) == 6
        with (
            open_judge(settings(server.url), tmp_path / "v.jsonl") as judge,
            pytest.raises(InputError, match="1 of 1 questions unanswered.*1 x HTTP 400"),
        ):
            judge.ask(questions(5))


def test_a_judge_that_only_fails_ends_the_job(tmp_path):
    with endpoint(faults=1.0, hang=0.6) as server:
        impatient = settings(server.url, tries=3, timeout=0.2)
        with (
            open_judge(impatient, tmp_path / "v.jsonl") as judge,
            pytest.raises(InputError, match="unanswered.*is kept"),
        ):
            judge.ask(questions(20))
        assert len(server.asked) < 60


def test_the_retry_pause_of_the_server_is_respected(tmp_path, monkeypatch):
    pauses = []
    monkeypatch.setattr(threading.Event, "wait", lambda self, seconds: pauses.append(seconds))
    failure = http._TransientError(Cause("HTTP 429"), 7.0)
    tries = iter([failure, failure, None])

    def attempt(self, body):
        if (problem := next(tries)) is not None:
            raise problem
        return {"text": "m"}

    monkeypatch.setattr(http.Endpoint, "_try", attempt)
    assert http.Endpoint("http://x", settings("http://x"), None).answer({}) == {"text": "m"}
    assert pauses == [7.0, 7.0]


def test_answers_are_read_and_one_without_text_is_refused():
    good = completion({"model": "m", "messages": [{"role": "user", "content": "?"}]})
    assert http.read_answer(good, True)["logprobs"][0].keys() == {"m", "M", "The"}
    assert http.read_answer(good, False)["logprobs"] is None
    good["choices"][0]["message"]["content"] = None
    good["choices"][0]["logprobs"] = None
    with pytest.raises(ValueError, match="without text"):
        http.read_answer(good, True)


def verdict(key, text, **changes):
    return {
        "key": key, "text": text, "logprobs": None, "tokens": {"input": 1, "output": 1}, **changes
    }  # fmt: skip


def test_a_torn_line_is_ignored_and_damages_no_other(tmp_path):
    path = tmp_path / "v.jsonl"
    torn = b'{"key": "b", "te\xc3\n{"ke\n\0\0\0\n{"key": "b'
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(verdict("a", "kept")).encode() + b"\n" + torn)
    with Store(path) as store:
        assert store.get("a")["text"] == "kept" and store.get("b") is None
        store.add(verdict("b", "new"))
        store.add(verdict("b", "another"))
    with Store(path) as store:
        assert store.get("b")["text"] == "new" and len(store) == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[1, 2]", "a JSON list instead of an object"),
        ('"text"', "a JSON str instead of an object"),
        ("[", "not valid JSON"),
        ("key,text", "not valid JSON"),
        ('{"text": "m"}', "the key 'key' is missing"),
        (json.dumps({"key": "b"}), "the key 'text' is missing"),
        (json.dumps(verdict(7, "m")), "'key' has the wrong form"),
        (json.dumps(verdict("b", None)), "'text' has the wrong form"),
        (json.dumps(verdict("b", "m", logprobs={"m": 1.0})), "'logprobs' has the wrong form"),
        (json.dumps(verdict("b", "m", logprobs=[{"m": "1"}])), "'logprobs' has the wrong form"),
        (json.dumps(verdict("b", "m", tokens=5)), "'tokens' has the wrong form"),
        (json.dumps(verdict("b", "m", tokens={"input": 1})), "'tokens' has the wrong form"),
        (json.dumps(verdict("b", "\ud83d")), "half of a character"),
    ],
)
def test_an_invalid_line_is_named_with_the_fix(tmp_path, line, problem):
    path = tmp_path / "v.jsonl"
    before = json.dumps(verdict("a", "kept", logprobs=[{"m": -1, "M": float("nan")}]))
    path.write_text(f"{before}\n\n{line}\n")
    with pytest.raises(InputError) as caught:
        Store(path)
    assert f"{path}, line 3: not a verdict ({problem}" in str(caught.value)
    assert "delete the line" in str(caught.value) and "\n" not in str(caught.value)
    path.write_text(f"{before}\n")
    with Store(path) as store:
        assert len(store) == 1


def test_two_jobs_cannot_share_a_store(tmp_path):
    with (
        Store(tmp_path / "v.jsonl"),
        pytest.raises(InputError, match="another process is writing"),
        Store(tmp_path / "v.jsonl"),
    ):
        pass


@pytest.mark.parametrize("change", [{"model": "n"}, {"temperature": 1}, {"messages": ["y"]}])
def test_the_key_covers_the_whole_request(change):
    request = {"model": "m", "temperature": 0, "messages": ["x"]}
    assert key_of(request) == key_of(dict(reversed(request.items()))) != key_of(request | change)


def test_parts_distinguish_requests_with_equal_messages(tmp_path):
    first = Request([{"role": "user", "content": "?"}], 1, parts=["first"])
    second = Request([{"role": "user", "content": "?"}], 1, parts=["second"])
    with endpoint() as server, open_judge(settings(server.url), tmp_path / "v") as judge:
        judge.ask([first, second])
        assert len(server.asked) == 2


def test_probabilities_become_a_preference():
    share = pairwise.probability_of_first
    assert share([{"m": math.log(0.3), "M": math.log(0.1), "x": 0.0}]) == pytest.approx(0.75)
    assert share([{"m": -1.0}]) == 1.0 and share([{"M": -1.0}]) == pytest.approx(0.0)
    assert share([{"The": -1.0}]) is None and share(None) is None and share([]) is None
    assert share([{"m": -2000.0, "M": -1.0}]) == pytest.approx(0.0)


def test_a_prompt_can_be_parsed():
    text = pairwise.request('Say "m"\n## Task', "first {x}", 'second """').messages[1]["content"]
    read = pairwise.read(text)
    assert read.question == 'Say "m"\n## Task' and read.outputs == ("first {x}", 'second """')
    assert pairwise.read("hello") is None


def test_the_oracle_prefers_the_right_answer_in_every_language(tmp_path):
    world = World(FACTS)
    fact = world.facts["spider"]
    oracle_settings = JudgeSettings(name="oracle", model="oracle", oracle=FACTS)
    with open_judge(oracle_settings, tmp_path / "v.jsonl", oracle) as judge:
        requests = [
            pairwise.request(
                world.question(fact, la, HELD_OUT),
                world.full_answer(fact, la, 8),
                world.full_answer(fact, la, 6),
            )
            for la in world.languages
        ]
        verdicts = judge.ask(requests)
        sure = [pairwise.probability_of_first(v.logprobs) for v in verdicts]
        assert sure == pytest.approx([1 / (1 + math.exp(-2.8))] * 5)
        assert judge.settings.model == oracle.version(FACTS) and {v.text for v in verdicts} == {"m"}
        unknown = pairwise.request("What is love?", "a", "b")
        object.__setattr__(judge.settings, "tolerance", 1.0)
        assert judge.ask([unknown])[0].error == "HTTP 400 bad_prompt"


def test_changed_facts_change_the_version_of_the_oracle(tmp_path):
    other = tmp_path / "facts.yaml"
    text = Path(FACTS).read_text(encoding="utf-8")
    other.write_text(text.replace("number: 8", "number: 9", 1), encoding="utf-8")
    assert oracle.version(other) != oracle.version(FACTS)


def test_changed_docstrings_keep_the_version_of_the_oracle(tmp_path, monkeypatch):
    """Docstrings decide no verdict, but the scores of answers do."""
    for name in ("judge", "oracle", "world"):
        shutil.copy(Path(oracle.__file__).with_stem(name), tmp_path)
    before = oracle.version(FACTS)
    monkeypatch.setattr(oracle, "__file__", str(tmp_path / "judge.py"))
    file = tmp_path / "oracle.py"
    code = file.read_text(encoding="utf-8")
    file.write_text(code.replace('"""The planted preference', '"""A planted preference'))
    assert oracle.version(FACTS) == before
    file.write_text(code.replace("RIGHT, FULL, DEFLECTION", "RIGHT, DEFLECTION, FULL", 1))
    assert oracle.version(FACTS) != before


def test_servers_listen_only_on_loopback():
    with oracle.serving(FACTS) as url:
        assert url.startswith("http://127.0.0.1:")


def test_many_threads_write_whole_lines(tmp_path):
    with Store(tmp_path / "v.jsonl") as store:
        rows = [verdict(str(i), "x" * random.Random(i).randrange(9000)) for i in range(200)]
        threads = [
            threading.Thread(target=lambda part: [store.add(r) for r in part], args=(rows[i::8],))
            for i in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = (tmp_path / "v.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["key"] for line in lines) == sorted(r["key"] for r in rows)


def test_a_judge_connects_once(tmp_path):
    with endpoint() as server, Store(tmp_path / "v") as store:
        urls = []
        judge = Judge(settings(server.url), store, lambda: urls.append(1) or server.url)
        judge.ask(questions(1))
        judge.ask(questions(3))
        judge.ask([])
        assert urls == [1] and len(server.asked) == 3
