"""A judge that cannot answer reports the cause in one line, with the address and the fix."""

import datetime
import ipaddress
import json
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from endpoint import completion, endpoint
from loopback import closed_port, listening
from refusals import refusal

from icr.judging import JudgeSettings, Request, causes, http, open_judge, pairwise
from icr.judging.names import is_same_model

SECRET = "the-value-of-a-key"


@pytest.fixture(autouse=True)
def without_pauses_and_proxy(monkeypatch):
    monkeypatch.setattr(http, "FIRST_PAUSE", 0.001)
    monkeypatch.setenv("NO_PROXY", "*")


def settings(url, **changes):
    return JudgeSettings(name="judge", model="m", api=url, **{"timeout": 2, "tries": 3, **changes})


def ask(folder, url, count=8, requests=None, **changes):
    questions = [pairwise.request(f"Question {i}?", "one", "two") for i in range(count)]
    with open_judge(settings(url, **changes), folder / "v.jsonl") as judge:
        return judge.ask(requests or questions)


def error(folder, url, **changes):
    """The message with which the job ends, a single line."""
    (line,) = refusal(ask, folder, url, **changes).splitlines()
    return line


@pytest.mark.parametrize(("number", "attempts"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 3)])
def test_a_host_without_an_address(tmp_path, monkeypatch, number, attempts):
    """An unknown name is not looked up again; an unavailable resolver is retried."""
    lookups = []

    def lookup(host, *_, **__):
        lookups.append(host)
        raise socket.gaierror(number, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    line = error(tmp_path, "https://user:password@judge.example/v1?key=secret")
    assert "judge 'judge' at https://judge.example/v1: host name not resolved; check" in line
    assert lookups == ["judge.example"] * attempts


def test_a_port_on_which_nothing_listens(tmp_path):
    url = closed_port()
    assert f"at {url}/v1: connection refused; nothing listens" in error(tmp_path, f"{url}/v1")


def certificate(folder, address="127.0.0.1", days=1):
    """An ssl context with a self-signed certificate, and the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "judge")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


@pytest.mark.parametrize(
    ("options", "trusted", "cause"),
    [
        ({}, False, "self-signed certificate"),
        ({"address": "127.0.0.2"}, True, "IP address mismatch"),
        ({"days": -1}, True, "certificate has expired"),
    ],
)
def test_an_invalid_certificate(tmp_path, monkeypatch, options, trusted, cause):
    context, file = certificate(tmp_path, **options)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with endpoint(tls=context) as server:
        line = error(tmp_path, server.url)
        assert f"at {server.url}: TLS certificate refused ({cause})" in line
        assert "REQUESTS_CA_BUNDLE" in line and not server.asked


def test_a_certificate_of_a_trusted_authority(tmp_path, monkeypatch):
    context, file = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with endpoint(tls=context) as server:
        assert all(verdict.error is None for verdict in ask(tmp_path, server.url))


def test_a_server_without_tls(tmp_path):
    with endpoint() as server:
        line = error(tmp_path, server.url.replace("http:", "https:"))
    assert "TLS failed (" in line and "reached by http://" in line


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "empty reply; 'api' is the address up to"),
        (b"<!DOCTYPE html><title>Welcome</title>", "HTML instead of JSON; 'api' is the address up"),
        (b"It works!", "no JSON; 'api' is the address"),
        (b'{"status": "ok"}', "no chat completion; 'api' is the address"),
        (
            b'{"choices": [{"message": {"content": ""}}]}',
            "an answer without text; a model that thinks",
        ),
    ],
)
def test_a_reply_that_is_no_chat_completion(tmp_path, body, cause):
    with endpoint(lambda _: body) as server:
        assert f"at {server.url}: {cause}" in error(tmp_path, server.url)
        assert len(server.asked) == 3, "one question with all of its retries"


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (301, "HTTP 301 model_not_found; check the model 'm' and the address"),
        (404, "HTTP 404 model_not_found; check the model 'm'"),
        (402, "no credit left"),
        (403, "HTTP 403 model_not_found; it needs a 'key'"),
    ],
)
def test_an_endpoint_that_refuses_the_judge(tmp_path, status, cause):
    answer = {"error": {"code": "model_not_found", "message": "no such model"}}
    with endpoint(lambda _: (status, answer)) as server:
        assert cause in error(tmp_path, server.url) and len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"param": "top_logprobs", "code": "unsupported_parameter", "message": "no"}},
        {"error": {"code": 400, "type": "invalid", "message": "top_logprobs must be 0"}},
        {"object": "error", "message": "logprobs, top_logprobs: not supported", "code": 400},
        {"detail": [{"loc": ["body", "top_logprobs"], "msg": "Extra inputs are not permitted"}]},
        {"error": "top_logprobs is not supported"},
    ],
)
def test_a_refused_parameter_is_named(tmp_path, answer):
    with endpoint(lambda _: (400, answer)) as server:
        line = error(tmp_path, server.url)
        assert "it does not take the parameter top_logprobs (here 5)" in line
        assert "'options' of the judge" in line and len(server.asked) == 1


def test_a_null_option_removes_a_parameter(tmp_path):
    options = {"max_tokens": None, "max_completion_tokens": 7}
    with endpoint() as server:
        ask(tmp_path, server.url, options=options, price={"input": 1.0, "output": 1.0})
        assert all(body["max_completion_tokens"] == 7 for body in server.bodies)
        assert not any("max_tokens" in body for body in server.bodies)


def test_a_parameter_refused_for_one_question_fails_only_that_question(tmp_path):
    """A question that is too long says nothing about the others."""
    message = "This model's maximum context length is 9 tokens; reduce the messages or stop"
    for parameter in ("messages", "messages[1].content", "input_tokens", None):
        answer = {"error": {"param": parameter, "type": "too_long", "message": message}}
        assert (
            causes.refused_parameter(causes.read_refusal(answer), {"stop": 1, "messages": []})
            is None
        )

    def reply(body):
        if "Question 7?" in str(body):
            return 400, {"error": {"param": "max_tokens", "message": "max_tokens is too large"}}
        return completion(body)

    with endpoint(reply) as server:
        verdicts = ask(tmp_path, server.url, tolerance=0.5)
    assert [verdict.error for verdict in verdicts] == [None] * 7 + ["HTTP 400"]


def without_probabilities(body):
    answer = completion(body)
    answer["choices"][0]["logprobs"] = None
    return answer


def without_alternatives(body):
    answer = completion(body)
    answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"] = []
    return answer


def without_the_key(body):
    answer = completion(body)
    del answer["choices"][0]["logprobs"]
    return answer


@pytest.mark.parametrize("reply", [without_probabilities, without_alternatives, without_the_key])
def test_a_judge_without_probabilities_is_detected_by_its_first_answer(tmp_path, reply):
    with endpoint(reply) as server:
        line = error(tmp_path, server.url, count=30)
        assert "answers without token probabilities, although top_logprobs asks" in line
        assert len(server.asked) == 1
    assert (tmp_path / "v.jsonl").read_bytes() == b"", "an answer that is no verdict is not stored"


def test_a_judge_that_is_not_asked_for_probabilities_needs_none(tmp_path):
    graded = [Request([{"role": "user", "content": f"Grade {i}"}], 5) for i in range(4)]
    with endpoint(without_the_key) as server:
        assert all(v.text for v in ask(tmp_path, server.url, requests=graded))


def test_a_refused_question_says_nothing_of_probabilities(tmp_path):
    def reply(body):
        if "Question 0?" not in str(body):
            return completion(body)
        answer = without_probabilities(body)
        answer["choices"][0]["message"] = {"content": None, "refusal": "I cannot."}
        return answer

    with endpoint(reply) as server:
        verdicts = ask(tmp_path, server.url)
    assert [verdict.logprobs is None for verdict in verdicts] == [True] + [False] * 7


def test_an_answer_from_another_model_ends_the_job(tmp_path):
    answers = []

    def reply(body):
        answers.append(1)
        model = "m-2024-08-06" if len(answers) < 5 else "n"
        return {**completion(body), "model": model}

    with endpoint(reply) as server:
        line = error(tmp_path, server.url, count=200, concurrency=2)
        assert "the model 'n' answers instead of 'm'" in line and "'answers_as'" in line
        assert len(server.asked) < 10
        lines = (tmp_path / "v.jsonl").read_text().splitlines()
        assert {json.loads(row)["model"] for row in lines} == {"m-2024-08-06"}


def test_a_deployment_with_a_custom_name(tmp_path):
    with endpoint(lambda body: {**completion(body), "model": "gpt-4o-2024-08-06"}) as server:
        assert ask(tmp_path, server.url, answers_as="gpt-4o")[0].error is None
        assert "answers instead of 'm'" in error(tmp_path / "other", server.url)


@pytest.mark.parametrize(
    ("requested", "replied", "same"),
    [
        ("gpt-4o", "gpt-4o", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("gpt-4-turbo", "gpt-4-turbo-2024-04-09", True),
        ("gpt-4", "gpt-4-0613", True),
        ("gpt-4", "gpt-4-1106-preview", True),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", True),
        ("mistral-large-latest", "mistral-large-2411", True),
        ("gemini-1.5-pro", "gemini-1.5-pro-002", True),
        ("openai/gpt-4o", "gpt-4o-2024-08-06", True),
        ("Qwen/Qwen2-7B", "qwen/qwen2-7b", True),
        ("gpt-4o", "gpt-4o-mini", False),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4", "gpt-4-turbo", False),
        ("gpt-4", "gpt-4-32k", False),
        ("gpt-4", "gpt-4.1", False),
        ("qwen2", "qwen2-72b", False),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-05-13", False),
        ("gpt-4o-2024-08-06", "gpt-4o", False),
        ("one/model", "another/model", False),
    ],
)
def test_names_of_the_same_model(requested, replied, same):
    assert is_same_model(requested, replied) is same


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_slow_reply_times_out(tmp_path, monkeypatch, encrypted):
    """Every byte arrives in time, but the answer does not; its headers are as slow as its body."""
    context, file = certificate(tmp_path) if encrypted else (None, "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with endpoint(pause=0.05, tls=context) as server:
        start = time.monotonic()
        line = error(tmp_path, server.url, timeout=0.3, tries=2)
        assert time.monotonic() - start < 2
    assert "timeout; raise 'timeout' of the judge (now 0.3 s)" in line


def test_an_endless_answer_times_out(tmp_path):
    """Without Content-Length, a truncated answer looks complete."""

    class Endless(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(completion(body)).encode())
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)

        def log_message(self, *_):
            pass

    with listening(Endless) as url:
        start = time.monotonic()
        assert "timeout" in error(tmp_path, f"{url}/v1", timeout=0.3, tries=2)
        assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("key", "flaw"),
    [
        (f"{SECRET}\n", "a line break"),
        (f"{SECRET}\r\nX-More: 1", "a line break"),
        (f"my {SECRET}", "a space"),
        (f"{SECRET}–", "a character that no key has"),
        (f"{SECRET}\udcff", "a character that no key has"),
    ],
)
def test_a_key_that_cannot_be_sent_is_not_shown(tmp_path, monkeypatch, capfd, key, flaw):
    monkeypatch.setenv("A_KEY", key)
    with endpoint() as server:
        line = error(tmp_path, server.url, key="A_KEY")
        assert f"the key in the environment variable A_KEY holds {flaw}" in line
        assert not server.asked
    assert SECRET not in line + "".join(capfd.readouterr())


def test_an_endpoint_that_repeats_the_key_is_not_quoted(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("A_KEY", SECRET)
    for status, parameter in ((401, None), (400, "top_logprobs")):
        reply = status, {"error": {"message": f"the key {SECRET} is bad", "param": parameter}}
        with endpoint(lambda _, reply=reply: reply) as server:
            line = error(tmp_path, server.url, key="A_KEY")
        assert f"HTTP {status}" in line and SECRET not in line
    assert SECRET not in "".join(capfd.readouterr())


def test_a_nan_probability_gives_no_preference(tmp_path):
    nan = float("nan")
    share = pairwise.probability_of_first
    for tokens in ({"m": nan, "M": -1.0}, {"m": -1.0, "M": nan}, {"m": nan}, {"m": nan, "M": nan}):
        assert share([tokens]) is None
    assert share([{"m": -float("inf"), "M": -float("inf")}]) is None
    assert share([{"m": float("inf"), "M": -1.0}]) is None

    def reply(body):
        answer = completion(body)
        token = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"][0]
        token["logprob"] = nan if "Question 3?" in str(body) else token["logprob"]
        return answer

    with endpoint(reply) as server:
        verdicts = ask(tmp_path, server.url)
    assert [share(verdict.logprobs) is None for verdict in verdicts] == [i == 3 for i in range(8)]
    assert "NaN" not in (tmp_path / "v.jsonl").read_text()


def test_half_of_a_character_is_replaced_in_answers_and_refused_in_questions(tmp_path):
    def reply(body):
        answer = completion(body)
        answer["choices"][0]["message"]["content"] = "cut \ud83d"
        return answer

    with endpoint(reply) as server:
        assert {verdict.text for verdict in ask(tmp_path, server.url)} == {"cut \ufffd"}
        questions = [pairwise.request("Good?", "one", "two"), pairwise.request("\ud83d?", "a", "b")]
        line = error(tmp_path, server.url, requests=questions)
    assert "question 2 of 2 to the judge holds half of a character" in line
    assert json.loads((tmp_path / "v.jsonl").read_text().splitlines()[0])["text"] == "cut \ufffd"
