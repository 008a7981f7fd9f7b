"""MT-Bench: questions, decoding by category, prompts of the judge, scores."""

import json

import pandas as pd
import pytest
from judges import FakeJudge
from tiny import tiny_folder, tiny_tokenizer

from icr.errors import InputError
from icr.evaluation.mtbench.answers import answer_questions, both_turns
from icr.evaluation.mtbench.grading import grade, graded, messages, parse_score
from icr.evaluation.mtbench.metrics import metrics
from icr.evaluation.mtbench.questions import REFERENCED, TEMPERATURES, Question, read_questions
from icr.miniature.two_turn import questions, references
from icr.miniature.world import World
from icr.models.chat import conversation_ids
from icr.sampling import BackendOptions, Sample
from icr.sampling.room import Room
from icr.storage.files import write_jsonl

FACTS = "config/miniature/facts.yaml"
WRITING = Question("1", "writing", ("Write {this}.", "Shorter."), None)
MATH = Question("2", "math", ("1 + 1?", "And + 1?"), ("2 {two}", "3"))


@pytest.fixture
def files(tmp_path):
    """The miniature's two-turn questions and references, which a test may change."""
    world = World(FACTS)
    paths = tmp_path / "questions.jsonl", tmp_path / "references.jsonl"
    rows = questions(world, "es"), references(world, "es")
    for path, content in zip(paths, rows, strict=True):
        write_jsonl(content, path)
    return paths, rows


def test_questions_have_references_where_their_category_needs_them(files):
    questions = read_questions(*files[0])
    assert len(questions) == len(files[1][0]) > 10
    for question in questions:
        assert (question.references is not None) == (question.category in REFERENCED)
    assert {question.temperature for question in questions} == {0.0, 0.1, 0.7}


def test_temperatures_match_the_benchmark():
    assert TEMPERATURES["writing"] == TEMPERATURES["roleplay"] == 0.7
    assert TEMPERATURES["stem"] == TEMPERATURES["humanities"] == 0.1
    others = set(TEMPERATURES) - {"writing", "roleplay", "stem", "humanities"}
    assert others == {"extraction", "math", "coding", "reasoning"}
    assert {TEMPERATURES[name] for name in others} == {0.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q, r: q[0].update(category="poetry"), "line 1: .* category 'poetry'"),
        (lambda q, r: q[0].update(turns=["one"]), "needs two turns"),
        (
            lambda q, r: q[1].update(question_id=q[0]["question_id"]),
            "line 2: .* is repeated",
        ),
        (lambda q, r: q[1].update(question_id=0.5), "line 2: the question_id must be"),
        (lambda q, r: q[1].pop("question_id"), "line 2: the question_id must be"),
        (lambda q, r: r[2].update(question_id=r[0]["question_id"]), "line 3: .*is repeated"),
        (
            lambda q, r: r[1].update(question_id="what"),
            "line 2: a reference .* what, which .* lacks",
        ),
        (lambda q, r: r[1].update(choices=[]), "line 2: the reference to question"),
        (lambda q, r: r.__delitem__(slice(6, None)), "no reference answer to question"),
        (lambda q, r: q.clear(), "is empty"),
    ],
)
def test_bad_files_are_named(files, change, message):
    paths, rows = files
    change(*rows)
    for path, content in zip(paths, rows, strict=True):
        write_jsonl(content, path)
    with pytest.raises(InputError, match=message):
        read_questions(*paths)


class Recorder:
    """A sampler that records its calls and answers with their number."""

    def __init__(self, tokenizer, limit=None):
        self.tokenizer, self.calls, self.room = tokenizer, [], Room(limit, "a test")

    def generate(self, prompts, seeds, temperatures):
        self.calls.append((prompts, seeds, temperatures))
        text = f"answer {len(self.calls)}"
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [[Sample(ids, "length", 0.0)] for _ in prompts]


def test_the_second_turn_follows_the_policys_own_first_answer():
    tokenizer = tiny_tokenizer()
    sampler = Recorder(tokenizer)
    table = both_turns(sampler, tokenizer, [WRITING, MATH], ["seed"])
    (first, seeds, temperatures), (second, other_seeds, _) = sampler.calls
    assert temperatures == [0.7, 0.0]
    assert not set(seeds) & set(other_seeds)
    assert tokenizer.decode(first[0]) == "<s><user>Write {this}.<assistant>"
    assert tokenizer.decode(second[0]) == (
        "<s><user>Write {this}.<assistant>answer 1<user>Shorter.<assistant>"
    )
    assert table[["id", "turn", "answer"]].to_numpy().tolist() == [
        ["1", 1, "answer 1"], ["1", 2, "answer 2"], ["2", 1, "answer 1"], ["2", 2, "answer 2"],
    ]  # fmt: skip


def test_a_conversation_without_room_gets_an_empty_answer():
    tokenizer = tiny_tokenizer()
    limit = len(conversation_ids(tokenizer, [WRITING.turns[0]])) + 1
    table = both_turns(Recorder(tokenizer, limit), tokenizer, [WRITING], [])
    assert table["finish_reason"].tolist() == ["length", "no room"]
    assert table["answer"].tolist() == ["answer 1", ""]


def test_answers_of_all_languages_with_one_model(tmp_path):
    folder = tiny_folder(tmp_path / "model")
    questions = {"en": [WRITING, MATH], "de": [MATH]}
    arguments = {
        "output": tmp_path / "answers",
        "max_tokens": 5,
        "backend": "transformers",
        "options": BackendOptions(),
        "seed_parts": (1, "policy"),
    }
    table = answer_questions(folder, questions, **arguments)
    assert table.groupby("language", sort=False).size().to_dict() == {"en": 4, "de": 2}
    # Finished languages are kept until the caller has written its files.
    again = answer_questions(folder, questions, **arguments)
    pd.testing.assert_frame_equal(table, again)


def test_the_judge_sees_the_answer_of_the_graded_turn():
    answers = ("I {am} first", "I am second")
    assert graded(messages(WRITING, 1, answers)[1]["content"]) == (WRITING.turns[0], answers[0])
    for question in (WRITING, MATH):
        system, user = messages(question, 2, answers)
        assert "the second" in system["content"]
        assert graded(user["content"]) == (question.turns[1], answers[1])
        assert answers[0] in user["content"]
    with_reference = messages(MATH, 1, answers)[1]["content"]
    assert "[The Start of Reference Answer]\n2 {two}\n" in with_reference
    assert graded(with_reference) == (MATH.turns[0], answers[0])
    assert "### Reference answer:\n3\n" in messages(MATH, 2, answers)[1]["content"]
    assert graded("something else") is None


def test_a_turn_without_its_own_reference_is_graded_without_one():
    question = Question("3", "reasoning", MATH.turns, ("2", ""))
    assert "Reference" in messages(question, 1, ("a", "b"))[1]["content"]
    assert "Reference" not in messages(question, 2, ("a", "b"))[1]["content"]


def test_references_may_be_numbers_or_omit_a_turn(files):
    paths, rows = files
    question = next(q for q in read_questions(*paths) if q.references)
    reference = next(row for row in rows[1] if row["question_id"] == question.id)
    reference["choices"][0]["turns"] = [12000, ""]
    write_jsonl(rows[1], paths[1])
    again = {q.id: q for q in read_questions(*paths)}
    assert again[question.id].references == ("12000", "")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Good. Rating: [[7]]", 7),
        ("Rating: [[7.5]]", 7.5),
        ('The format is "[[5]]". Rating: [[9]]', 9),
        ("Bewertung: [3]", 3),
        ("I name [1] as a source. Rating: [[10]]", 10),
        ("Rating: 8", None),
        ("Rating: [[rating]]", None),
        ("Rating: [[0]]", None),
        ("Rating: [[11]]", None),
        ("", None),
    ],
)
def test_scores_are_read_from_double_brackets(text, score):
    assert parse_score(text) == score


def answers_to(questions):
    rows = [
        {"id": q.id, "turn": turn, "answer": f"{q.id}.{turn}"} for q in questions for turn in (1, 2)
    ]
    return pd.DataFrame(rows)


def test_unscored_answers_are_counted_and_not_averaged():
    replies = {"1.1": "Rating: [[8]]", "1.2": "Rating: [[5]]", "2.1": "no idea"}

    def answer(conversation):
        graded_answer = graded(conversation[1]["content"])[1]
        if graded_answer not in replies:
            raise RuntimeError("timeout")
        return replies[graded_answer]

    judge = FakeJudge(answer)
    scores, verdicts = grade(judge, [WRITING, MATH], answers_to([WRITING, MATH]), 100)
    assert {(request.temperature, request.max_tokens) for request in judge.asked} == {(0.0, 100)}
    assert len({tuple(request.parts) for request in judge.asked}) == 4
    result = metrics(scores)
    assert result["score"] == 6.5
    assert result["turns"] == {"1": 8.0, "2": 5.0}
    assert result["categories"] == {"writing": 6.5}
    assert (result["questions"], result["unparsed"], result["unjudged"]) == (2, 1, {"timeout": 1})
    assert len(verdicts) == 4
    json.dumps(result, allow_nan=False)


def test_the_standard_error_is_over_questions():
    rows = [("a", 1, 8), ("a", 2, 8), ("b", 1, 4), ("b", 2, 4)]
    scores = pd.DataFrame(rows, columns=["id", "turn", "score"])
    scores = scores.assign(category="math", problem="")
    # Two questions with means 8 and 4: sd √8, over √2.
    assert metrics(scores)["score_se"] == pytest.approx(2.0)


def test_a_judge_without_any_score_is_refused():
    judge = FakeJudge(lambda _: "hm")
    scores, _ = grade(judge, [MATH], answers_to([MATH]), 100)
    with pytest.raises(InputError, match="none of the judge's 2 gradings"):
        metrics(scores)


def test_answers_of_other_questions_are_refused():
    with pytest.raises(InputError, match="2 answers are not those"):
        grade(FakeJudge(str), [WRITING, MATH], answers_to([WRITING]), 100)
