"""One-turn questions and the answers to them: every mistake is named with its file and line."""

import json

import pytest

from icr.errors import InputError
from icr.evaluation.question_forms import check_rows
from icr.evaluation.questions import answers_of, check_answers, fetch_rows, numbered_questions
from icr.storage.files import write_json, write_jsonl
from icr.storage.rows import located_rows


def question_rows(*texts, **more):
    return [{"instruction": text, **more} for text in texts]


def answer_rows(*texts):
    return [{"instruction": text, "output": f"answer to {text}"} for text in texts]


@pytest.fixture
def located(tmp_path):
    """A function that writes rows and reads them back with their locations."""

    def write_and_locate(name, rows):
        write_jsonl(rows, tmp_path / name)
        return located_rows(tmp_path / name)

    return write_and_locate


def test_rows_of_json_and_jsonl_files_have_line_numbers(tmp_path):
    rows = question_rows("one", "two\u2028[", "three")
    write_jsonl(rows, tmp_path / "x.jsonl")
    write_json(rows, tmp_path / "x.json")
    for name, lines in (("x.jsonl", [1, 2, 3]), ("x.json", [2, 5, 8])):
        path = tmp_path / name
        assert located_rows(path) == [
            (f"{path}, line {line}", row) for line, row in zip(lines, rows, strict=True)
        ]
    (tmp_path / "x.json").write_text(json.dumps(rows))
    assert [row for _, row in located_rows(tmp_path / "x.json")] == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("[]", "is empty"),
        ("[1]", "line 1: a row must be a JSON object, not a int"),
        ('[{"a": 1},\n 2]', "line 2: a row must be a JSON object"),
        ('[{"a": 1},\n', "line 2: not valid JSON"),
        ('{"a": 1}\n{"a": ', "line 2: not valid JSON"),
        ('{"a": "\\udc00"}', "line 1: half of a character"),
    ],
)
def test_anything_but_a_list_of_objects_is_named(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        located_rows(path)
    assert str(path) in str(caught.value) and message in str(caught.value)


def test_a_language_has_one_file(tmp_path):
    with pytest.raises(InputError, match=r"es\.jsonl is missing"):
        fetch_rows({"folder": str(tmp_path)}, "es", "", "")
    write_json(question_rows("a"), tmp_path / "es.json")
    fetched = fetch_rows({"folder": str(tmp_path)}, "es", "", "")
    assert [row for _, row in fetched] == question_rows("a")
    write_jsonl(question_rows("b"), tmp_path / "es.jsonl")
    with pytest.raises(InputError, match=r"es\.jsonl and es\.json both exist"):
        fetch_rows({"folder": str(tmp_path)}, "es", "", "")


def test_questions_are_numbered_by_position_or_by_their_index(located):
    assert [q["index"] for q in numbered_questions(located("a", question_rows("x", "y")))] == [0, 1]
    own = [*question_rows("x", index=700), *question_rows("y", index=0)]
    assert [q["index"] for q in numbered_questions(located("b", own))] == [700, 0]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (7, "line 2: index 7 is already used on line 1"),
        (3.0, r"line 2: the index must be a whole number from 0 \(it is 3.0\)"),
        (2.5, "line 2: the index must be a whole number"),
        ("8", r"line 2: the index must be a whole number from 0 \(it is '8'\)"),
        (None, "line 2: the index must be a whole number"),
        (True, "line 2: the index must be a whole number"),
        (-1, "line 2: the index must be a whole number"),
    ],
)
def test_an_index_must_be_a_unique_whole_number(located, index, message):
    rows = [*question_rows("x", index=7), *question_rows("y", index=index)]
    with pytest.raises(InputError, match=message):
        numbered_questions(located("q.jsonl", rows))


def test_all_questions_or_none_have_an_index(located):
    rows = [*question_rows("x", index=7), *question_rows("y")]
    with pytest.raises(InputError, match=r"q\.jsonl, line 2: .* \(it is missing\).*or none"):
        numbered_questions(located("q.jsonl", rows))


def test_instruction_and_output_must_be_texts(located):
    empty = {"instruction": "y", "output": ""}
    assert len(answers_of(located("a", [*answer_rows("x"), empty]))) == 2
    for row in ({"output": "z"}, {"instruction": "x"}, {"instruction": "x", "output": 4}):
        with pytest.raises(
            InputError, match="line 2: '(instruction|output)' must be a (non-empty )?text"
        ):
            answers_of(located("b", [*answer_rows("x"), row]))


def test_answers_match_the_questions(located):
    questions = located("q.jsonl", question_rows("one", "same", "same", "two"))
    check_answers(questions, located("a", answer_rows("two", "same", "one", "same")))
    check_answers(questions, located("b", answer_rows("one", "same")), first=2)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (("one",), "1 of 2 questions have no answer, first 'two'"),
        (
            ("one", "zwei"),
            "no answer, first 'two'.*1 answers belong to no question, first .*line 2",
        ),
        (
            ("one", "two", "one"),
            r"line 1: .* answered 2 times \(line 1, line 3\) but asked 1 times",
        ),
        (("one", "two", "three"), "1 answers belong to no question, first .*line 3: 'three'"),
    ],
)
def test_missing_repeated_and_unknown_answers_are_named(located, answers, message):
    questions = located("q.jsonl", question_rows("one", "two"))
    with pytest.raises(InputError, match=message) as caught:
        check_answers(questions, located("a.jsonl", answer_rows(*answers)))
    assert "a.jsonl" in str(caught.value)


def test_a_subset_of_alpacaeval_may_have_answers_to_other_questions(located):
    questions = located("q.jsonl", question_rows("one", index=12))
    check_answers(questions, located("a.jsonl", answer_rows("zero", "one", "two")))


def test_fetched_rows_are_checked_in_their_own_format(located):
    talk = {"question_id": 1, "category": "stem", "turns": ["a", "b"]}
    reference = {"question_id": 1, "choices": [{"turns": ["a", "b"]}]}
    for kind, row in (("questions", talk), ("answers", reference)):
        check_rows(located("good", [row]), kind)
        with pytest.raises(InputError, match="line 2: the id of question 1 is repeated"):
            check_rows(located("bad", [row, row]), kind)
    with pytest.raises(InputError, match="line 2: 'output'"):
        check_rows(located("bad", [*answer_rows("x"), *question_rows("y")]), "answers")
    with pytest.raises(InputError, match="line 2: index 3"):
        check_rows(
            located("bad", [*question_rows("x", index=3), *question_rows("y", index=3)]),
            "questions",
        )
