import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tiny import tiny_folder

from icr.errors import InputError
from icr.files import read_json, write_jsonl
from icr.sampling import BackendOptions
from icr.translation.backends import (
    GOOGLE_CHARACTERS,
    Translation,
    _within_limits,
    by_model,
    extract,
    from_folder,
    google,
    translation_request,
)
from icr.translation.prompts import translate_prompts

ENGLISH = [
    {"instruction": f"Describe the number {i} in one sentence, please.", "instruction_id": f"i{i}"}
    for i in range(45)
]


def german(rows):
    return [Translation(f"Beschreibe bitte die Zahl aus {one} in einem Satz.") for one, _ in rows]


def run(tmp_path, backend, on_failure="error", english=ENGLISH):
    return translate_prompts(
        english, "de", backend, {"backend": "x"}, tmp_path / "de.jsonl",
        tmp_path / "de.report.json", on_failure,
    )  # fmt: skip


def test_ids_and_their_order_are_kept(tmp_path):
    rows = run(tmp_path, german)
    assert [row["instruction_id"] for row in rows] == [f"i{i}" for i in range(45)]
    assert rows[3]["instruction"].startswith("Beschreibe bitte die Zahl aus i3")
    report = read_json(tmp_path / "de.report.json")
    assert report == {"prompts": 45, "empty": [], "untranslated": [], "cut": []}


def flawed(rows):
    found = german(rows)
    for place, (one, text) in enumerate(rows):
        if one == "i1":
            found[place] = Translation("  ")
        if one == "i2":
            found[place] = Translation(text)
        if one == "i3":
            found[place] = Translation("The number three is a small and rather lonely odd number.")
        if one == "i4":
            found[place] = Translation("Beschreibe bitte die", cut=True)
    return found


def test_what_failed_is_reported_and_stops(tmp_path):
    with pytest.raises(InputError, match=r"4 of 45 .* \(1 empty, 2 untranslated, 1 cut\).*report"):
        run(tmp_path, flawed)
    report = read_json(tmp_path / "de.report.json")
    assert report["empty"] == ["i1"] and report["untranslated"] == ["i2", "i3"]
    assert report["cut"] == ["i4"]


def test_failed_prompts_can_keep_their_english(tmp_path):
    rows = run(tmp_path, flawed, on_failure="keep")
    kept = [r["instruction_id"] for r, e in zip(rows, ENGLISH, strict=True) if r == e]
    assert kept == ["i1", "i2", "i3", "i4"]


def test_what_was_translated_is_never_asked_again(tmp_path):
    asked = []

    def dies(rows):
        if len(asked) >= 20:
            raise KeyboardInterrupt
        asked.extend(one for one, _ in rows)
        return german(rows)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, dies)
    again = []

    def goes_on(rows):
        again.extend(one for one, _ in rows)
        return german(rows)

    rows = run(tmp_path, goes_on)
    assert asked + again == [row["instruction_id"] for row in ENGLISH]
    assert len(rows) == 45


def test_a_folder_is_read_by_id(tmp_path):
    texts = {"b": "zwei", "a": "eins"}
    rows = [{"instruction": text, "instruction_id": one} for one, text in texts.items()]
    write_jsonl(rows, tmp_path / "de.jsonl")
    backend = from_folder(tmp_path, "de")
    assert [t.text for t in backend([("a", "one"), ("b", "two")])] == ["eins", "zwei"]
    with pytest.raises(InputError, match="lacks 1 ids, first c"):
        backend([("c", "three")])


@pytest.mark.parametrize(
    ("answer", "text", "cut"),
    [
        ("<translated>Hallo Welt</translated>", "Hallo Welt", False),
        ("Sure! <translated>\nHallo\nWelt\n</translated> Done.", "Hallo\nWelt", False),
        ("<translated>Hallo W", "Hallo W", True),
        ("Hallo Welt", "", True),
    ],
)
def test_a_models_answer_stands_between_tags(answer, text, cut):
    assert extract(answer) == Translation(text, cut)


def test_the_request_names_language_and_text():
    request = translation_request("Count to 3.", "de")
    assert "German" in request and "Count to 3." in request


def test_a_model_translates_through_the_sampler(tmp_path):
    """A random model makes no translation, and every row is told so."""
    folder = tiny_folder(tmp_path / "m", max_position_embeddings=1024)
    backend = by_model(folder, "de", 8, "transformers", BackendOptions())
    with pytest.raises(InputError, match="2 of 2 translations into 'de' failed"):
        run(tmp_path, backend, english=ENGLISH[:2])


def test_requests_stay_within_the_services_limits():
    rows = [(str(i), "x" * 4000) for i in range(20)] + [("long", "y" * 40_000)]
    groups = _within_limits(rows)
    assert [row for group in groups for row in group] == rows
    for group in groups:
        assert len(group) == 1 or sum(len(text) for _, text in group) <= GOOGLE_CHARACTERS


@pytest.fixture
def service(monkeypatch):
    """Google's REST interface on loopback; the first answer is a 503."""
    asked, failures = [], [503]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = failures.pop() if failures else 200
            answer = {"error": {"code": status, "message": "busy", "status": "UNAVAILABLE"}}
            if status == 200:
                asked.append((self.path, body))
                texts = [f"[{body['targetLanguageCode']}] {t}" for t in body["contents"]]
                answer = {"translations": [{"translatedText": text} for text in texts]}
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "mine")
    monkeypatch.setenv("GOOGLE_TRANSLATE_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield asked
    server.shutdown()


def test_google_translates_and_is_asked_again_after_a_503(service):
    found = google("de")([("a", "one"), ("b", "two")])
    assert [t.text for t in found] == ["[de] one", "[de] two"]
    ((path, body),) = service
    assert "projects/mine/locations/global" in path
    assert body["mimeType"] == "text/plain" and body["sourceLanguageCode"] == "en"


def test_google_needs_a_project(monkeypatch):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(InputError, match="GOOGLE_CLOUD_PROJECT"):
        google("de")
