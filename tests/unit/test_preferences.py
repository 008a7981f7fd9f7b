"""Preference sets: rows of every form, bad rows, the hub, translation, and the miniature's."""

import json
from collections import Counter

import pandas as pd
import pytest
from configurations import raw

from icr.config import load_config
from icr.errors import InputError
from icr.miniature.oracle import annotator, judge
from icr.miniature.preferences import held_out_triples, training_pairs
from icr.miniature.world import World
from icr.preferences.hub import fetch_pairs
from icr.preferences.rows import (
    check_folder,
    check_ids,
    preference,
    preferences,
    read_folder,
    read_preferences,
)
from icr.preferences.translation import translate_preferences
from icr.storage.files import write_parquet
from icr.storage.schemas.preferences import PREFERENCES
from icr.translation.backends import Backend, Translation

FACTS = "config/miniature/facts.yaml"
ASK = {"role": "user", "content": "Hello."}


def said(text):
    return {"role": "assistant", "content": text}


def test_texts_and_lists_of_messages_give_the_same_row():
    expected = {
        "id": "7", "messages": [ASK], "chosen": "Good day.", "rejected": "No.", "subset": None,
    }  # fmt: skip
    texts = {"id": 7, "prompt": "Hello.", "chosen": "Good day. ", "rejected": "No."}
    assert preference("row", texts) == expected
    system = {"role": "system", "content": " "}
    listed = {"chosen": [system, ASK, said("Good day.")], "rejected": [ASK, said("No.")]}
    assert preference("row", listed, number=7) == expected
    whole = {"id": "7", "prompt": [ASK], "chosen": [said("Good day.")], "rejected": [said("No.")]}
    assert preference("row", whole) == expected


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"chosen": [ASK, said("a")], "rejected": [said("?"), said("b")]}, "do not share all"),
        ({"chosen": [said("a"), ASK], "rejected": [said("a"), ASK]}, "end with a turn of the ass"),
        ({"chosen": [ASK, said(" ")], "rejected": [ASK, said("b")]}, "a response is empty"),
        ({"chosen": [said("x"), said("a")], "rejected": [said("x"), said("b")]}, "with the user"),
        ({"prompt": "p", "chosen": "a", "rejected": " a"}, "are the same text"),
        ({"prompt": "p", "chosen": "", "rejected": "b"}, "'chosen' must be a non-empty text"),
        ({"chosen": "a", "rejected": "b"}, "'prompt' must be a non-empty text"),
        ({"prompt": ["p"], "chosen": "a", "rejected": "b"}, "a message has a 'role'"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "id": True}, "'id' must be a text or"),
    ],
)
def test_a_row_that_is_no_pair_is_named(row, problem):
    with pytest.raises(InputError, match=f"file, line 3: .*{problem}"):
        preference("file, line 3", row)


def test_bad_rows_stop_or_are_counted():
    good = {"prompt": "p", "chosen": "a", "rejected": "b"}
    located = [("r0", good), ("r1", {**good, "rejected": "a"}), ("r2", good)]
    with pytest.raises(InputError, match="r1: the chosen"):
        preferences(located)
    table, problems = preferences(located, "discard")
    assert table["id"].tolist() == ["0", "2"] and len(problems) == 1
    with pytest.raises(InputError, match="r1: id 1 is already used in r0"):
        preferences([("r0", {**good, "id": 1}), ("r1", {**good, "id": "1"})])
    with pytest.raises(InputError, match="holds no preference pair; r1: the chosen"):
        preferences(located[1:2], "discard")


def test_languages_share_their_ids(tmp_path):
    check_ids({"en": ["a", "b"], "es": ["b", "a"]})
    with pytest.raises(InputError, match="'es' lacks 1 of the ids of 'en', such as a"):
        check_ids({"en": ["a", "b"], "es": ["b"]})
    with pytest.raises(InputError, match="'es' has 1 ids that 'en' lacks, such as c"):
        check_ids({"en": ["a"], "es": ["a", "c"]})
    row = {"id": "a", "prompt": "p", "chosen": "x", "rejected": "y"}
    for language, rows in {"en": [row], "es": [row, {**row, "id": "b"}]}.items():
        text = "".join(json.dumps(r) + "\n" for r in rows)
        (tmp_path / f"{language}.jsonl").write_text(text)
    with pytest.raises(InputError, match="'es' has 1 ids that 'en' lacks"):
        check_folder(tmp_path, ["en", "es"])
    (tmp_path / "es.jsonl").write_text('{"id": "a", "prompt": "p", "chosen": "x"}')
    with pytest.raises(InputError, match=r"es\.jsonl, line 1: 'rejected' must be"):
        read_folder(tmp_path, "es")


def test_a_stored_file_reads_as_it_was_written(tmp_path):
    table, _ = preferences([("r", {"prompt": "p", "chosen": "a", "rejected": "b"})])
    write_parquet(table, tmp_path / "en.parquet", PREFERENCES)
    assert read_preferences(tmp_path / "en.parquet").to_dict("records") == table.to_dict("records")


@pytest.fixture
def mirror(tmp_path):
    """A folder mirror with a data set by language, in the layout of M-RewardBench."""
    folder = tmp_path / "hub/datasets/owner/bench/spa_Latn"
    folder.mkdir(parents=True)
    rows = [
        {"id": n, "prompt": f"p{n}", "chosen": "a", "rejected": "b" if n < 3 else "a",
         "source": "hep-go"} for n in range(4)
    ]  # fmt: skip
    pd.DataFrame(rows).to_parquet(folder / "test.parquet")
    (folder.parent / "README.md").write_text(
        "---\nconfigs:\n- config_name: spa_Latn\n  data_files:\n  - split: test\n"
        "    path: spa_Latn/test.parquet\n---\n"
    )
    return str(tmp_path / "hub")


SOURCE = {
    "hub": "owner/bench", "revision": "main", "config": "{code}", "codes": {"es": "spa_Latn"},
    "split": "test", "columns": {"subset": "source"},
}  # fmt: skip


def test_a_data_set_of_the_hub(mirror, capsys):
    table = fetch_pairs(SOURCE, "es", mirror, "discard")
    assert table["id"].tolist() == ["0", "1", "2"] and set(table["subset"]) == {"hep-go"}
    assert "3 pairs, 1 rows discarded" in capsys.readouterr().out
    with pytest.raises(InputError, match="owner/bench spa_Latn test, row 3: the chosen"):
        fetch_pairs(SOURCE, "es", mirror, "error")
    assert fetch_pairs(SOURCE, "es", mirror, "discard", ["2", "0"])["id"].tolist() == ["0", "2"]
    with pytest.raises(InputError, match="lacks 1 ids of the language that 'like' names, such as"):
        fetch_pairs(SOURCE, "es", mirror, "discard", ["0", "9"])
    with pytest.raises(InputError, match="has no column preferred; it has id, prompt"):
        fetch_pairs({**SOURCE, "columns": {"chosen": "preferred"}}, "es", mirror, "error")


def translated(english, failed, tmp_path, words):
    def translate(rows):
        return [Translation(words.get(text, f"<{text}>")) for _, text in rows]

    store, report = tmp_path / "es.translations.jsonl", tmp_path / "es.report.json"
    backend = Backend(translate, {"translator": "words"})
    return translate_preferences(english, "es", backend, failed, store, report)


def test_every_text_of_a_pair_is_translated(tmp_path):
    english, _ = preferences(
        ("r", {"prompt": f"p{n}", "chosen": f"a{n}", "rejected": "no"}) for n in range(4)
    )
    # Pair 1 comes out equal, a text of pair 2 empty, one of pair 3 in English.
    words = {"a1": "<no>", "a2": "", "p3": "p3"}
    table, counts = translated(english, "discard", tmp_path, words)
    assert table[["id", "chosen", "rejected"]].values.tolist() == [["0", "<a0>", "<no>"]]
    assert table["messages"][0] == [{"role": "user", "content": "<p0>"}]
    assert counts == {"empty": 1, "untranslated": 1, "cut": 0, "too-long": 0, "equal": 1}
    with pytest.raises(InputError, match="3 of 4 pairs could not be translated into 'es'"):
        translated(english, "error", tmp_path, words)


def test_the_miniatures_pairs_are_the_same_in_all_languages():
    world, rank = World(FACTS), annotator(FACTS)
    tables = {la: training_pairs(FACTS, la, 200, 0.0) for la in ("en", "es", "ru")}
    assert len({tuple(table["id"]) for table in tables.values()}) == 1
    for pair in tables["en"].itertuples():
        prompt = pair.id.partition("/")[0]
        assert pair.messages[0]["content"] == next(
            r["instruction"] for r in world.prompts("en") if r["instruction_id"] == prompt
        )
        better, worse = rank(prompt, [pair.chosen, pair.rejected])
        assert better > worse
    spanish = [judge(world, world.fact_of(p.id), "es", p.chosen) for p in tables["es"].itertuples()]
    english = [judge(world, world.fact_of(p.id), "en", p.chosen) for p in tables["en"].itertuples()]
    assert spanish == english


def test_damage_changes_responses_of_other_languages_alone():
    clean, damaged = (training_pairs(FACTS, "es", 400, damage) for damage in (0.0, 0.5))
    assert clean["id"].equals(damaged["id"])
    for column in ("chosen", "rejected"):
        assert 0.4 < (clean[column] != damaged[column]).mean() < 0.6
    assert (damaged["chosen"] != damaged["rejected"]).all()
    assert training_pairs(FACTS, "en", 50, 1.0).equals(training_pairs(FACTS, "en", 50, 0.0))


def test_the_miniatures_triples():
    tables = {la: held_out_triples(FACTS, la) for la in ("en", "de")}
    assert tables["en"]["id"].equals(tables["de"]["id"]) and tables["en"]["id"].is_unique
    assert Counter(tables["de"]["subset"]) == {
        "fact": 480, "form": 160, "filler": 160, "tongue": 160
    }  # fmt: skip
    world = World(FACTS)
    for triple in tables["de"].itertuples():
        fact = world.facts[triple.id.split("/")[1]]
        chosen, rejected = (
            judge(world, fact, "de", text) for text in (triple.chosen, triple.rejected)
        )
        if triple.subset == "fact":
            assert chosen.right and not rejected.right and chosen.full == rejected.full
        assert chosen.score > rejected.score


ENGLISH = {"english": {"folder": "x"}}


def configured(**changes):
    source = {"folder": "data/pairs"}
    sets = {"mine": {"source": source, "languages": ["en", "es"], **changes}}
    return load_config({**raw("demo"), "preferences": sets})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"source": {}}, "a source needs one of the keys hub, folder, miniature, english"),
        ({"elsewhere": {"de": {"hub": "a/b"}}}, "'elsewhere' names de, not in 'languages'"),
        ({"source": {"hub": "a/b", "like": "es"}}, "'like' belongs to a source in 'elsewhere'"),
        ({"elsewhere": {"en": {"hub": "a/b", "like": "de"}}}, "'like' names 'de'"),
        (
            {"source": {**ENGLISH, "translate": {"backend": "file", "folder": "y"}}},
            "finished translations are a source by themselves",
        ),
        (
            {"source": {**ENGLISH, "translate": {"backend": "llm", "model": "no"}}},
            "preferences.mine.source.translate.model: unknown model 'no'",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_the_configuration(changes, problem):
    with pytest.raises(InputError, match=problem):
        configured(**changes)
