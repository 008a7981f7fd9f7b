"""Translation of prompts: backends, failures and resuming."""

import json
from http.server import BaseHTTPRequestHandler

import pytest
from loopback import listening
from tiny import tiny_folder

from icr.errors import InputError
from icr.sampling import BackendOptions
from icr.storage.files import read_json, write_jsonl
from icr.translation.backends import (
    GOOGLE_CHARACTERS,
    Backend,
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
    return [
        Translation(f"Beschreibe bitte die Zahl aus {prompt_id} in einem Satz.")
        for prompt_id, _ in rows
    ]


def run(tmp_path, translate, on_failure="error", english=ENGLISH, key="x", limit=None):
    """Translate ``english``; ``translate`` is a backend or only its function."""
    backend = translate
    if not isinstance(translate, Backend):
        backend = Backend(translate, {"translator": key}, limit, chunk=20)
    return translate_prompts(
        english, "de", backend, on_failure, tmp_path / "de.translations.jsonl",
        tmp_path / "de.report.json",
    )  # fmt: skip


def refuse(rows):
    raise AssertionError(f"{len(rows)} rows would be translated again")


def test_ids_and_their_order_are_kept(tmp_path):
    rows = run(tmp_path, german)
    assert [row["instruction_id"] for row in rows] == [f"i{i}" for i in range(45)]
    assert rows[3]["instruction"].startswith("Beschreibe bitte die Zahl aus i3")
    report = read_json(tmp_path / "de.report.json")
    assert report == {"prompts": 45, "empty": [], "untranslated": [], "cut": [], "too-long": []}


def flawed(rows):
    translations = german(rows)
    for index, (prompt_id, text) in enumerate(rows):
        if prompt_id == "i1":
            translations[index] = Translation("  ")
        if prompt_id == "i2":
            translations[index] = Translation(text)
        if prompt_id == "i3":
            translations[index] = Translation(
                "The number three is a small and rather lonely odd number."
            )
        if prompt_id == "i4":
            translations[index] = Translation("Beschreibe bitte die", "cut")
        if prompt_id == "i5":
            translations[index] = Translation("", "too-long")
    return translations


FLAWED = ["i1", "i2", "i3", "i4", "i5"]


def test_failures_are_reported_and_stop_the_job(tmp_path):
    counts = r"5 of 45 .* \(1 empty, 2 untranslated, 1 cut, 1 too-long\).*report"
    with pytest.raises(InputError, match=counts):
        run(tmp_path, flawed)
    report = read_json(tmp_path / "de.report.json")
    assert report["empty"] == ["i1"] and report["untranslated"] == ["i2", "i3"]
    assert report["cut"] == ["i4"] and report["too-long"] == ["i5"]


def test_failed_prompts_can_keep_their_english_text(tmp_path):
    rows = run(tmp_path, flawed, on_failure="keep")
    kept = [r["instruction_id"] for r, e in zip(rows, ENGLISH, strict=True) if r == e]
    assert kept == FLAWED


def test_another_treatment_of_failures_translates_nothing_again(tmp_path):
    english = [row for row in ENGLISH if row["instruction_id"] != "i5"]
    with pytest.raises(InputError, match="on_failure: keep"):
        run(tmp_path, flawed, english=english, limit=100)
    assert len(run(tmp_path, refuse, "keep", english, limit=100)) == 44


def test_a_higher_limit_translates_only_cut_prompts_again(tmp_path):
    english, translated = ENGLISH[:5], []
    with pytest.raises(InputError, match="Raise 'max_tokens'"):
        run(tmp_path, flawed, english=english, limit=100)

    def whole(rows):
        translated.extend(prompt_id for prompt_id, _ in rows)
        return german(rows)

    rows = run(tmp_path, whole, "keep", english, limit=200)
    assert translated == ["i4"]
    assert rows[4]["instruction"] == "Beschreibe bitte die Zahl aus i4 in einem Satz."
    run(tmp_path, refuse, "keep", english, limit=100)


def test_an_edited_prompt_or_another_translator_is_translated(tmp_path):
    run(tmp_path, german, english=ENGLISH[:3])
    edited = [ENGLISH[0], {**ENGLISH[1], "instruction": "Name two numbers."}, ENGLISH[2]]
    translated = []

    def counted(rows):
        translated.extend(prompt_id for prompt_id, _ in rows)
        return german(rows)

    run(tmp_path, counted, english=edited)
    assert translated == ["i1"]
    run(tmp_path, counted, english=edited, key="y")
    assert translated == ["i1", "i0", "i1", "i2"]


def test_an_interrupted_translation_is_resumed(tmp_path):
    before = []

    def dies(rows):
        if len(before) >= 20:
            raise KeyboardInterrupt
        before.extend(prompt_id for prompt_id, _ in rows)
        return german(rows)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, dies)
    after = []

    def resumes(rows):
        after.extend(prompt_id for prompt_id, _ in rows)
        return german(rows)

    rows = run(tmp_path, resumes)
    assert before + after == [row["instruction_id"] for row in ENGLISH]
    assert len(rows) == 45
    assert run(tmp_path, refuse) == rows


def test_progress_is_reported(tmp_path, capsys):
    run(tmp_path, german)
    printed = capsys.readouterr()
    assert "45 prompts, 45 of them still to translate" in printed.out
    assert "into 'de': 3/3" in printed.err
    run(tmp_path, refuse)
    assert "45 prompts, 0 of them still to translate" in capsys.readouterr().out


def test_a_corrected_file_of_translations_is_read_again(tmp_path):
    path = tmp_path / "mine" / "de.jsonl"
    path.parent.mkdir()
    write_jsonl(ENGLISH, path)
    with pytest.raises(InputError, match="45 untranslated"):
        run(tmp_path, from_folder(path.parent, "de"))
    texts = german([(row["instruction_id"], "") for row in ENGLISH])
    rows = [{**row, "instruction": t.text} for row, t in zip(ENGLISH, texts, strict=True)]
    write_jsonl(rows, path)
    assert run(tmp_path, from_folder(path.parent, "de")) == rows


def test_a_folder_is_read_by_id(tmp_path):
    texts = {"b": "zwei", "a": "eins"}
    rows = [{"instruction": text, "instruction_id": prompt_id} for prompt_id, text in texts.items()]
    write_jsonl(rows, tmp_path / "de.jsonl")
    backend = from_folder(tmp_path, "de")
    assert [t.text for t in backend.translate([("a", "one"), ("b", "two")])] == ["eins", "zwei"]
    with pytest.raises(InputError, match="lacks 1 ids, first c"):
        backend.translate([("c", "three")])


@pytest.mark.parametrize(
    ("answer", "cut", "translation"),
    [
        ("<translated>Hallo Welt</translated>", False, Translation("Hallo Welt")),
        ("Sure! <translated>\nHallo\nWelt\n</translated> Ja.", True, Translation("Hallo\nWelt")),
        ("<translated>Hallo W", True, Translation("Hallo W", "cut")),
        ("<translated>Hallo Welt", False, Translation("Hallo Welt")),
        ("Hallo Welt", True, Translation("", "cut")),
        ("Hallo Welt", False, Translation("")),
    ],
)
def test_a_models_translation_is_extracted_from_its_tags(answer, cut, translation):
    assert extract(answer, cut) == translation


def test_the_request_names_language_and_text():
    request = translation_request("Count to 3.", "de")
    assert "German" in request and "Count to 3." in request


def test_a_model_translates_through_the_sampler(tmp_path):
    """A random model produces no translation, so every row fails."""
    folder = tiny_folder(tmp_path / "m", max_position_embeddings=1024)
    backend = by_model(folder, "de", 8, "transformers", BackendOptions())
    with pytest.raises(InputError, match="2 of 2 translations into 'de' failed"):
        run(tmp_path, backend, english=ENGLISH[:2])


def test_only_a_prompt_without_room_fails(tmp_path):
    folder = tiny_folder(tmp_path / "m", max_position_embeddings=1024)
    backend = by_model(folder, "de", 8, "transformers", BackendOptions())
    short, long = backend.translate([("short", "Name a number."), ("long", "Name a number. " * 99)])
    assert short.failed != "too-long" and long == Translation("", "too-long")


def test_the_key_omits_what_changes_no_translation(tmp_path):
    folder = tiny_folder(tmp_path / "m", max_position_embeddings=1024)
    keys = [
        by_model(folder, language, limit, "transformers", BackendOptions(batch=batch)).key
        for language, limit, batch in (("de", 8, 4), ("de", 16, 8), ("es", 8, 4))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_requests_stay_within_the_services_limits():
    rows = [(str(i), "x" * 4000) for i in range(20)] + [("long", "y" * 40_000)]
    groups = _within_limits(rows)
    assert [row for group in groups for row in group] == rows
    for group in groups:
        assert len(group) == 1 or sum(len(text) for _, text in group) <= GOOGLE_CHARACTERS


@pytest.fixture
def service(monkeypatch):
    """Google's REST interface on loopback; the first answer is a 503."""
    requests, failures = [], [503]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = failures.pop() if failures else 200
            answer = {"error": {"code": status, "message": "busy", "status": "UNAVAILABLE"}}
            if status == 200:
                requests.append((self.path, body))
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

    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "mine")
    with listening(Handler) as url:
        monkeypatch.setenv("GOOGLE_TRANSLATE_ENDPOINT", url)
        yield requests


def test_google_translates_and_is_retried_after_a_503(service):
    translations = google("de").translate([("a", "one"), ("b", "two")])
    assert [t.text for t in translations] == ["[de] one", "[de] two"]
    ((path, body),) = service
    assert "projects/mine/locations/global" in path
    assert body["mimeType"] == "text/plain" and body["sourceLanguageCode"] == "en"


def test_google_needs_a_project(monkeypatch):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with pytest.raises(InputError, match="GOOGLE_CLOUD_PROJECT"):
        google("de")
