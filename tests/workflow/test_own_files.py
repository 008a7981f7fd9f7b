"""A user's own files are read again after edits and checked before any job.

Two configurations of a checkout cannot use one name for different sources.
"""

import os
from itertools import cycle

import pytest
import yaml
from checkout import Checkout
from tiny import TEMPLATE, tiny_folder

from icr.storage.files import write_json, write_jsonl

LANGUAGES = ["en", "de"]
ARGUMENTS = ("--cores", "2", "--rerun-triggers", "mtime", "input", "params", "--configfile")
TEXTS = {
    "resources/prompts/own/de.jsonl": "prompts/de.jsonl",
    "resources/prompts/handmade/en.jsonl": "prompts/en.jsonl",
    "resources/questions/asked/de.jsonl": "questions/de.json",
    "resources/references/asked/de.json": "references/de.jsonl",
    "resources/outputs/system/de.json": "outputs/de.jsonl",
}
"""Resources, and the user's file from which each is made."""
TRANSLATED = "resources/prompts/handmade/de.jsonl"
MODELLED = "resources/prompts/modelled/de.jsonl"
MODELS = {"resources/models/base": "base/config.json", "resources/models/hubbed": "template.jinja"}
EDITS = [
    ("prompts/de.jsonl", "Say", "Tell"),
    ("prompts/en.jsonl", "Say", "Tell"),
    ("translations/de.jsonl", "Zahlen", "Ziffern"),
    ("questions/de.json", "own", "mine"),
    ("references/de.jsonl", "Yes", "No"),
    ("base/config.json", "silu", "gelu"),
    ("template.jinja", "assistant", "model"),
]
ages = cycle([0, 3600])


def configuration(run="mine"):
    sources = {name: {"source": {"folder": name}} for name in ("base", "aligned")}
    alpaca = [{"folder": folder} for folder in ("questions", "references")]
    return {
        "run": run,
        "mirrors": {"hub": "mirror"},
        "models": {
            **sources,
            "hubbed": {"source": {"hub": "owner/tiny"}, "chat_template": "template.jinja"},
        },
        "prompts": {
            "own": {"source": {"folder": "prompts"}, "languages": LANGUAGES, "size": 6},
            "handmade": {
                "source": {
                    "english": {"folder": "prompts"},
                    "translate": {"backend": "file", "folder": "translations"},
                },
                "languages": LANGUAGES,
                "size": 6,
            },
            "modelled": {
                "source": {
                    "english": {"folder": "prompts"},
                    "translate": {
                        "backend": "llm",
                        "model": "base",
                        "max_tokens": 4,
                        "on_failure": "keep",
                    },
                },
                "languages": LANGUAGES,
                "size": 6,
            },
        },
        "sampling": {"backend": "transformers", "n": 3, "max_tokens": 6},
        "compute": {"gpus": 0, "training_processes": 1, "threads": 1},
        "experiments": {
            "main": {
                "start": "aligned",
                "reference": "base",
                "languages": LANGUAGES,
                "prompts": {"set": "own", "count": 6},
            }
        },
        "judges": {"any": {"model": "any", "api": "http://127.0.0.1:9/v1"}},
        "questions": {
            "asked": {"source": alpaca[0], "references": alpaca[1], "languages": LANGUAGES}
        },
        "evaluation": {
            "xalpacaeval": {
                "questions": "asked",
                "judge": "any",
                "outputs": {"system": {"source": {"folder": "outputs"}, "languages": LANGUAGES}},
            }
        },
    }


def prompts(language, words="Say"):
    return [
        {"instruction": f"{words} {i}, please, in {language}", "instruction_id": f"p{i}"}
        for i in range(6)
    ]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A checkout whose resources are made from the user's own files."""
    checkout = Checkout(tmp_path_factory.mktemp("own"))
    folder = checkout.folder
    tiny_folder(folder / "base", max_position_embeddings=1024)
    tiny_folder(folder / "mirror/owner/tiny", seed=1)
    (folder / "aligned").symlink_to("base")
    (folder / "template.jinja").write_text(TEMPLATE)
    for name in ("prompts", "translations", "questions", "references", "outputs"):
        (folder / name).mkdir()
    for language in LANGUAGES:
        asked = [{"instruction": f"{language} {i}?", "dataset": "own"} for i in range(3)]
        answers = [{**row, "output": "Yes."} for row in asked]
        write_jsonl(prompts(language), folder / f"prompts/{language}.jsonl")
        write_json(asked, folder / f"questions/{language}.json")
        for name in ("references", "outputs"):
            write_jsonl(answers, folder / f"{name}/{language}.jsonl")
    write_jsonl(prompts("Zahlen", "Sag bitte einmal"), folder / "translations/de.jsonl")
    configure(checkout, "mine", configuration())
    checkout.snakemake(
        *ARGUMENTS, "mine.yaml", "--", *TEXTS, *MODELS, TRANSLATED, MODELLED, profile=False
    )
    return checkout


@pytest.fixture
def edited(fetched, tmp_path):
    """A copy of that checkout for edits."""
    return fetched.copied(tmp_path / "checkout")


def configure(checkout, name, config):
    (checkout.folder / f"{name}.yaml").write_text(yaml.safe_dump(config))


def planned(checkout, *targets, name="mine"):
    jobs = checkout.planned(*ARGUMENTS, f"{name}.yaml", "--", *targets, profile=False)
    return {output for outputs in jobs.values() for output in outputs}


def refused(checkout, name="mine"):
    """The message with which Snakemake refuses to start."""
    done = checkout.snakemake(
        "-n", *ARGUMENTS, f"{name}.yaml", "--", *TEXTS, check=False, profile=False
    )
    assert done.returncode == 1
    assert "MissingInput" not in done.stdout and "Traceback" not in done.stdout
    return " ".join(done.stdout.split())


def correct(path, old, new):
    """Edit a file as a user does; every second edit has an old time, as of a file moved there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    os.utime(path, (path.stat().st_mtime - next(ages),) * 2)


def test_nothing_is_read_twice(fetched):
    assert planned(fetched, *TEXTS, *MODELS, TRANSLATED, MODELLED) == set()


def test_only_corrected_files_are_read_again(edited):
    for path, old, new in EDITS:
        correct(edited.folder / path, old, new)
    everything = {*TEXTS, *MODELS, TRANSLATED}
    assert planned(edited, *everything) == everything - {"resources/outputs/system/de.json"}
    edited.snakemake(*ARGUMENTS, "mine.yaml", "--", TRANSLATED, profile=False)
    assert "Ziffern" in (edited.folder / TRANSLATED).read_text()


def test_a_model_from_a_mirror_folder_depends_on_its_files(edited):
    """It stays linked to the mirror that it came from, even if another is configured later."""
    configure(edited, "mine", {**configuration(), "mirrors": {"hub": "https://example.org"}})
    assert planned(edited, "resources/models/hubbed") == set()
    linked = (edited.folder / "resources/models/hubbed/config.json").readlink()
    linked.rename(linked.with_suffix(".kept"))
    linked.write_text(linked.with_suffix(".kept").read_text().replace("silu", "gelu"))
    try:
        assert planned(edited, "resources/models/hubbed") == {"resources/models/hubbed"}
    finally:
        linked.with_suffix(".kept").replace(linked)


def test_failed_translations_are_not_repeated_before_the_error(edited):
    store = (edited.folder / MODELLED).with_suffix(".translations.jsonl")
    kept = store.read_text()
    assert len(kept.splitlines()) == 6
    config = configuration()
    config["prompts"]["modelled"]["source"]["translate"]["on_failure"] = "error"
    configure(edited, "mine", config)
    done = edited.snakemake(*ARGUMENTS, "mine.yaml", "--", MODELLED, check=False, profile=False)
    assert done.returncode == 1
    log = (edited.folder / "resources/logs/prompts/modelled/de.log").read_text()
    assert "6 prompts, 0 of them still to translate" in log
    assert "6 of 6 translations into 'de' failed" in done.stdout
    assert store.read_text() == kept


def test_missing_files_are_named_before_any_job(edited):
    folder = edited.folder
    for path in ("prompts/de.jsonl", "references/de.jsonl", "base/config.json", "template.jinja"):
        (folder / path).unlink()
    config = configuration()
    config["models"]["quantised"] = {"source": {"gguf": "nowhere.gguf"}}
    config["judges"]["served"] = {"serve": {"backend": "xllamacpp", "gguf": "no-judge.gguf"}}
    configure(edited, "mine", config)
    message = refused(edited)
    for words in (
        "models.base.source.folder: base is not a model folder: it has no config.json",
        "models.hubbed.chat_template: there is no file template.jinja",
        "models.quantised.source.gguf: source 'nowhere.gguf': there is no file nowhere.gguf",
        "judges.served.serve.gguf: source 'no-judge.gguf': there is no file no-judge.gguf",
        "prompts.own.source.folder: file prompts/de.jsonl is missing",
        "questions.asked.references: file references/de.jsonl is missing",
    ):
        assert words in message, words


def test_wrong_contents_are_named_before_any_job(edited):
    folder = edited.folder
    correct(folder / "prompts/de.jsonl", '"p3"', '"p2"')
    write_jsonl(prompts("Zahlen", "Sag bitte einmal")[:4], folder / "translations/de.jsonl")
    asked = [{"instruction": f"de {i}?", "index": index} for i, index in enumerate([4, 1.5, 3])]
    write_json(asked, folder / "questions/de.json")
    write_jsonl([{"instruction": "en 0?", "output": "No."}], folder / "outputs/en.jsonl")
    message = refused(edited)
    for words in (
        "prompts/de.jsonl, line 4: id p2 is already used on line 3",
        "translations/de.jsonl lacks 2 ids of prompts/en.jsonl, first p4",
        "questions.asked.source: questions/de.json, line 6: the index must be a whole number",
        "outputs.system: outputs/en.jsonl: 2 of 3 questions have no answer, first 'en 1?'",
    ):
        assert words in message, words


def test_one_name_means_one_source(edited):
    """Another run may use the name for the same source; for another source it is an error."""
    assert planned(edited, *TEXTS, *MODELS) == set()
    configure(edited, "theirs", configuration("theirs"))
    assert planned(edited, *TEXTS, *MODELS, name="theirs") == set()
    other = configuration("theirs")
    other["models"]["base"]["source"]["folder"] = "aligned"
    other["prompts"]["own"]["source"]["folder"] = "other-prompts"
    other["evaluation"]["xalpacaeval"]["outputs"]["system"]["source"]["folder"] = "references"
    (edited.folder / "prompts").rename(edited.folder / "other-prompts")
    (edited.folder / "prompts").symlink_to("other-prompts")
    configure(edited, "theirs", other)
    message = refused(edited, "theirs")
    for words in (
        "models.base: run 'mine' uses this name for {source: {folder: base}} in "
        "resources/models/base, and run 'theirs' for {source: {folder: aligned}}",
        "prompts.own: run 'mine' uses this name for {folder: prompts}",
        "evaluation.xalpacaeval.outputs.system: run 'mine' uses this name for {folder: outputs}",
        "choose another name",
    ):
        assert words in message, words


def test_a_run_may_change_its_own_source(edited):
    config = configuration()
    config["prompts"]["own"]["source"]["folder"] = "more-prompts"
    (edited.folder / "more-prompts").symlink_to("prompts")
    configure(edited, "mine", config)
    changed = {path for path in TEXTS if path.startswith("resources/prompts/own")}
    assert planned(edited, *TEXTS) == changed
