"""Checks of inputs when Snakemake starts, and the sources that are local files."""

import os
from pathlib import Path

import pytest
from configurations import raw
from refusals import refusal

from icr.config import load_config
from icr.models.snapshots import CARD, link_folder
from icr.storage.files import write_json, write_jsonl
from icr.storage.origins import Resource, conflicts, record_origin
from icr.storage.project import ROOT
from icr.workflow.inputs import check_inputs
from icr.workflow.study import Study

TALKS = [
    {"question_id": 1, "category": "math", "turns": ["1 + 1?", "And + 1?"]},
    {"question_id": 2, "category": "stem", "turns": ["Why?", "Why not?"]},
]
ANSWERS = [{"question_id": 1, "choices": [{"turns": ["2", "3"]}]}]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "config").symlink_to(ROOT / "config")
    monkeypatch.chdir(tmp_path)


def graded_on(languages=("en",), **sources):
    """The demo with MT-Bench questions from other sources."""
    config = raw("demo")
    config["questions"]["miniature-talks"] |= {**sources, "languages": list(languages)}
    config["judges"]["mine"] = {"model": "mine", "api": "http://127.0.0.1:9/v1"}
    config["evaluation"]["mtbench"]["judge"] = "mine"  # the oracle knows only the miniature
    return Study(load_config(config))


def talks(rows=TALKS, answers=ANSWERS, language="en"):
    """Sources of questions and references: folders that hold these rows."""
    for name, content in (("talks", rows), ("answers", answers)):
        Path(name).mkdir(exist_ok=True)
        write_jsonl(content, f"{name}/{language}.jsonl")
    return {"source": {"folder": "talks"}, "references": {"folder": "answers"}}


@pytest.mark.parametrize(
    "name", ["config", "demo", "demo-all", "demo-transfer", "one-gpu", "small"]
)
def test_shipped_configurations_lack_no_input(name):
    check_inputs(Study(load_config(raw(name))))


def test_user_questions_of_two_turns(tmp_path):
    check_inputs(graded_on(**talks()))
    assert "talks/en.jsonl, line 3: the id of question 2 is repeated" in refusal(
        check_inputs, graded_on(**talks(rows=[*TALKS, TALKS[1]]))
    )
    assert "answers/en.jsonl, line 2: a reference answer to question 5" in refusal(
        check_inputs, graded_on(**talks(answers=[*ANSWERS, {**ANSWERS[0], "question_id": 5}]))
    )
    sources = talks()
    assert "talks/es.jsonl is missing" in refusal(check_inputs, graded_on(("en", "es"), **sources))


def test_user_questions_with_fetched_references():
    """Each source of the user is checked on its own."""
    upstream = {"repo": "a/b", "commit": "0" * 40, "path": "x.jsonl"}
    bad = talks(rows=[{**TALKS[0], "turns": ["one"]}], answers=[{"question_id": 1}])
    message = refusal(check_inputs, graded_on(source=bad["source"], references=upstream))
    assert "talks/en.jsonl, line 1: question 1 needs two turns" in message
    message = refusal(check_inputs, graded_on(source=upstream, references=bad["references"]))
    assert "answers/en.jsonl, line 1: the reference to question 1" in message


def test_all_problems_are_reported_together():
    config = raw("demo")
    config["models"]["mine"] = {"source": {"folder": "nowhere"}, "chat_template": "no.jinja"}
    config["models"]["small"] = {"source": {"gguf": "package:no_such_package/x.gguf"}}
    config["judges"]["oracle"]["oracle"] = "no-facts.yaml"
    config["prompts"]["miniature"]["source"]["miniature"] = "no-world.yaml"
    benchmarks = config["evaluation"]["nlp"]["benchmarks"]
    config["evaluation"]["nlp"]["languages"] = ["de"]
    benchmarks["truthfulqa_mc1"] = {"template": "no-task.yaml", "data": "no-{language}.jsonl"}
    message = refusal(check_inputs, Study(load_config(config)))
    for words in (
        "models.mine.source.folder: nowhere is not a model folder: there is no such folder",
        "models.mine.chat_template: there is no file no.jinja",
        "models.small.source.gguf: source 'package:no_such_package/x.gguf'",
        "judges.oracle.oracle: there is no file no-facts.yaml",
        "prompts.miniature.source.miniature: there is no file no-world.yaml",
        "benchmarks.truthfulqa_mc1.template: there is no file no-task.yaml",
        "benchmarks.truthfulqa_mc1.data: there is no file no-de.jsonl",
    ):
        assert words in message, words
    assert len(message.splitlines()) == 8


def test_users_triples_and_weights_have_the_same_subsets():
    config = raw("demo-all")
    config["preferences"]["own"] = {"source": {"folder": "own"}, "languages": ["en"]}
    section = config["evaluation"]["rewardbench"]
    section.update(triples="own", weights="weights.csv")
    Path("own").mkdir()
    Path("weights.csv").write_text("category,subset,weight\nChat,easy,1\n")
    pair = {"prompt": "p", "chosen": "a", "rejected": "b"}
    write_jsonl([{**pair, "subset": "easy"}], "own/en.jsonl")
    check_inputs(Study(load_config(config)))
    write_jsonl([{**pair, "subset": name} for name in ("easy", "odd")], "own/en.jsonl")
    message = refusal(check_inputs, Study(load_config(config)))
    assert "rewardbench.weights: the triples have subsets without a weight: odd" in message
    translated = {"english": {"folder": "own"}, "translate": {"backend": "google"}}
    config["preferences"]["own"] = {"source": translated, "languages": ["en", "es", "de"]}
    assert message == refusal(check_inputs, Study(load_config(config)))
    config["preferences"]["own"] = {"source": {"folder": "own"}, "languages": ["en"]}
    write_jsonl([{**pair, "subset": "odd"}], "own/en.jsonl")
    Path("weights.csv").write_text("category,subset,weight\nChat,easy,1\nChat,odd,1\n")
    message = refusal(check_inputs, Study(load_config(config)))
    assert "there are weights of subsets without a triple: easy" in message


def test_user_prompts_must_be_parallel():
    config = raw("demo")
    config["prompts"]["own"] = {"source": {"folder": "own"}, "languages": ["en", "de"], "size": 2}
    Path("own").mkdir()
    for language, ids in (("en", "ab"), ("de", "ba")):
        rows = [{"instruction": f"{language} {i}", "instruction_id": i} for i in ids]
        write_jsonl(rows, f"own/{language}.jsonl")
    assert "own/de.jsonl: prompt 1 has id b, in the English file it has a" in refusal(
        check_inputs, Study(load_config(config))
    )
    write_jsonl([], "own/en.jsonl")
    assert "prompts.own.source.folder: file own/en.jsonl is empty" in refusal(
        check_inputs, Study(load_config(config))
    )


def study_of_hub_model(mirror, **more):
    config = raw("demo")
    config["mirrors"] = {"hub": mirror}
    config["models"]["theirs"] = {"source": {"hub": "owner/tiny"}, **more}
    return Study(load_config(config))


def test_a_mirror_folder_is_an_input_before_and_after_it_is_linked():
    mirrored = Path("mirror/owner/tiny")
    mirrored.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "chat_template.jinja", "model.py", CARD):
        (mirrored / name).write_text("x")
    used = {
        str(mirrored.absolute() / name)
        for name in ("config.json", "model.safetensors", "chat_template.jinja")
    }
    assert study_of_hub_model("https://example.org").local.model("theirs") == []
    assert set(study_of_hub_model("mirror").local.model("theirs")) == used
    folder = Path("resources/models/theirs")
    link_folder(mirrored, folder)
    (folder / CARD).unlink(missing_ok=True)
    write_json({"source": {"hub": "owner/tiny", "revision": "main"}}, folder / CARD)
    for mirror in ("mirror", "https://example.org", "elsewhere"):
        assert set(study_of_hub_model(mirror).local.model("theirs")) == used
    template = study_of_hub_model("mirror", chat_template="my.jinja").local.model("theirs")
    assert set(template) == {
        *(path for path in used if "jinja" not in path),
        "my.jinja",
    }
    # For a revision other than the linked one, only the current mirror counts.
    other = study_of_hub_model("elsewhere", source={"hub": "owner/tiny", "revision": "v2"})
    assert other.local.model("theirs") == []


def test_two_revisions_of_a_model_need_two_folders_of_a_mirror():
    """One folder for both would make a policy its own reference."""
    mirror = Path("mirror")
    for name in ("tiny", "tiny@v1"):
        (mirror / "owner" / name).mkdir(parents=True)
        (mirror / "owner" / name / "config.json").write_text("{}")
    config = raw("demo")
    config["mirrors"] = {"hub": "mirror"}
    for revision in ("v1", "v2", "v3"):
        config["models"][revision] = {"source": {"hub": "owner/tiny", "revision": revision}}
    message = refusal(check_inputs, Study(load_config(config)))
    expected = "name the folders mirror/owner/tiny@v2 and mirror/owner/tiny@v3"
    assert "mirrors.hub: mirror/owner/tiny cannot be 2 revisions" in message and expected in message
    (mirror / "owner/tiny").rename(mirror / "owner/tiny@v2")
    del config["models"]["v3"]
    study = Study(load_config(config))
    check_inputs(study)
    for revision in ("v1", "v2"):
        folder = mirror.absolute() / f"owner/tiny@{revision}"
        assert study.local.model(revision) == [str(folder / "config.json")]


def test_a_downloaded_model_is_no_local_input():
    folder = Path("resources/models/theirs")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    write_json({"source": {"hub": "owner/tiny", "revision": "main"}}, folder / CARD)
    Path("mirror/owner/tiny").mkdir(parents=True)
    Path("mirror/owner/tiny/config.json").write_text("{}")
    assert study_of_hub_model("mirror").local.model("theirs") == []


def test_a_name_that_another_run_uses_for_another_source():
    resource = Resource("models.mine", "resources/models/mine", {"source": {"folder": "a"}})
    other = Resource("models.mine", resource.path, {"source": {"folder": "b"}})
    record_origin(resource.path, "first", resource.origin)
    assert conflicts([other], "second") == []  # the path does not exist yet
    Path(resource.path).mkdir()
    assert conflicts([resource], "second") == []
    assert conflicts([other], "first") == []
    (line,) = conflicts([other, other], "second")
    assert line.startswith("models.mine: run 'first' uses this name for {source: {folder: a}} in")
    assert "run 'second' for {source: {folder: b}}" in line and "choose another name" in line
    record_origin(resource.path, "first", other.origin)
    assert conflicts([other], "second") == []


def test_every_resource_of_a_configuration_has_an_origin():
    study = Study(load_config(raw("config")))
    paths, origins = study.paths, study.fetched.origins()
    expected = [
        paths.prompts.format(prompts="ultrafeedback", language="sw"),
        paths.questions.format(questions="mt-bench", language="ru"),
        paths.references.format(questions="x-alpacaeval", language="de"),
        paths.stored_outputs.format(policy="gpt-4o-mini", language="fr"),
        study.policies.folder("llama-3-8b-sft"),
    ]
    assert set(expected) <= set(origins)
    assert origins[expected[1]]["repo"] == "NLP-Core-Team/FastChat"


def translating(**options):
    """A study with a prompt set that a model translates, and these options of sampling."""
    config = raw("demo")
    config["models"]["translator"] = {"source": {"hub": "a/b"}, "gpus": 2}
    config["prompts"]["own"] = {
        "source": {
            "english": {"folder": "own"},
            "translate": {"backend": "llm", "model": "translator"},
        },
        "languages": ["en", "de"],
        "size": 2,
    }
    config["sampling"]["options"] = options
    config["compute"]["gpus"] = 1
    return Study(load_config(config))


def test_options_that_only_affect_speed_keep_the_origin():
    path = "resources/prompts/own/de.jsonl"
    slow, fast, rough = (
        translating(**options).fetched.origins()[path]
        for options in ({"batch": 2}, {"batch": 64}, {"precision": "bfloat16"})
    )
    assert slow == fast != rough
    assert slow["translate"]["model"] == "resources/models/translator"
    options = translating(batch=2).policies.backend_options("translator")
    assert options == {"batch": 2, "tensor_parallel": 2}


def test_paths_in_the_home_folder_are_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    study = graded_on(**{k: {"folder": f"~/{v['folder']}"} for k, v in talks().items()})
    check_inputs(study)
    source = study.fetched.file_source("miniature-talks", "en", "source")
    assert study.local.rows(source, "en") == [os.fspath(tmp_path / "talks/en.jsonl")]
