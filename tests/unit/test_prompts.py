"""Prompt files: whatever keeps them from being parallel is named with file and line."""

import json

import pytest

from icr.errors import InputError
from icr.prompts.parallel import check_parallel, read_prompts


def rows(*texts, first=0):
    return [{"instruction": t, "instruction_id": f"id{i}"} for i, t in enumerate(texts, first)]


def written(path, lines):
    text = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    """A function that writes the rows of each language and returns their paths."""
    return lambda **sets: {la: written(tmp_path / f"{la}.jsonl", s) for la, s in sets.items()}


def test_rows_come_back_in_order_without_other_keys(tmp_path):
    lines = [{**row, "note": 1} for row in rows("one", "line\u2028break\nand newline")]
    assert read_prompts(written(tmp_path / "en.jsonl", lines)) == rows(
        "one", "line\u2028break\nand newline"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ('{"instruction": "a", "instruction_id": "1"}\n{"instr', "line 2: not valid JSON"),
        ('["a", "1"]\n', "line 1: a row must be a JSON object, not a str"),
        ('\n["a"]\n{}', "line 3: not valid JSON"),
        ('{"a": 1}\n["b"]\n', "line 2: a row must be a JSON object, not a list"),
        ('{"instruction": "\\ud83d", "instruction_id": "1"}\n', "line 1: half of a character"),
        ('{"instruction": "a", "instruction_id": true}\n', "line 1: the instruction_id must be"),
        ('{"instruction_id": "1"}\n', "line 1: instruction missing"),
        ('{"instruction": "a"}\n', "line 1: instruction_id missing"),
        ('{"instruction": "", "instruction_id": "1"}\n', "line 1: instruction missing or empty"),
        (
            '{"instruction": " \\n", "instruction_id": "7"}\n',
            "line 1: 'instruction' must be a non-empty text",
        ),
        (
            '{"instruction": 5, "instruction_id": "7"}\n',
            "line 1: 'instruction' must be a non-empty text",
        ),
        ('{"instruction": "a", "instruction_id": ["7"]}\n', "line 1: the instruction_id must be"),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path, text, message):
    path = tmp_path / "en.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_prompts(path)
    assert str(path) in str(caught.value) and message in str(caught.value)


def test_a_byte_order_mark_is_skipped(tmp_path):
    path = tmp_path / "en.jsonl"
    path.write_text(json.dumps(rows("one")[0]) + "\n", encoding="utf-8-sig")
    assert read_prompts(path) == rows("one")


def test_ids_may_have_another_key(tmp_path):
    path = written(tmp_path / "en.jsonl", [{"id": "a-0", "instruction": "one"}])
    assert read_prompts(path, "id") == [{"instruction": "one", "instruction_id": "a-0"}]
    with pytest.raises(InputError, match=r"instruction_id missing"):
        read_prompts(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"fr\.jsonl is missing"):
        read_prompts(tmp_path / "fr.jsonl")


def test_a_file_in_another_encoding(tmp_path):
    path = tmp_path / "es.jsonl"
    path.write_bytes('{"instruction": "año", "instruction_id": "1"}\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"es\.jsonl, line 1: not UTF-8"):
        read_prompts(path)


def test_a_repeated_id(tmp_path):
    path = written(tmp_path / "en.jsonl", rows("a", "b") + rows("c"))
    with pytest.raises(InputError, match="line 3: id id0 is already used on line 1"):
        read_prompts(path)


def test_parallel_files_are_counted(files):
    english = rows("Name a river in France.", "What is 2 + 2?", "Write a poem about the sea.")
    spanish = rows("Nombra un río de Francia.", "What is 2 + 2?", "Escribe")
    assert check_parallel(files(en=english, es=spanish), 3) == {
        "en": {"prompts": 3, "untranslated": 0, "short": 0},
        "es": {"prompts": 3, "untranslated": 1, "short": 1},
    }


def test_a_compact_script_is_not_mistaken_for_truncation(files):
    english = rows(
        "Name a long river in France.", "Who wrote this famous book?", "How old is Rome?"
    )
    chinese = rows("说出法国的一条长河。", "谁写了这本名著?", "罗马多古老?")
    assert check_parallel(files(en=english, zh=chinese), 3)["zh"]["short"] == 0


def test_ids_that_differ_show_the_first_difference(files):
    swapped = rows("a", "b", "c")
    swapped[1:] = swapped[:0:-1]
    paths = files(en=rows("A", "B", "C"), de=swapped)
    with pytest.raises(
        InputError, match=r"de\.jsonl: prompt 2 has id id2, in the English file it has id1"
    ):
        check_parallel(paths, 3)


def test_too_few_prompts(files):
    with pytest.raises(InputError, match=r"en\.jsonl: 2 prompts, but the configuration says 3"):
        check_parallel(files(en=rows("A", "B"), de=rows("a", "b")), 3)


def test_files_of_different_lengths(files):
    with pytest.raises(InputError, match=r"de\.jsonl: 3 prompts, but the English file has 2"):
        check_parallel(files(en=rows("A", "B"), de=rows("a", "b", "c")), 2)


def test_the_english_file_for_another_language(files):
    with pytest.raises(InputError, match=r"fr\.jsonl: every prompt is the English text"):
        check_parallel(files(en=rows("A", "B"), fr=rows("A", "B")), 2)


def test_a_missing_language(files, tmp_path):
    paths = {**files(en=rows("A")), "ru": tmp_path / "ru.jsonl"}
    with pytest.raises(InputError, match=r"ru\.jsonl is missing"):
        check_parallel(paths, 1)


def test_no_english_file(files):
    with pytest.raises(InputError, match="need the English file"):
        check_parallel(files(de=rows("a")), 1)
