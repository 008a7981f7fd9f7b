"""Write the prompts and preference pairs that config/real-rivals.yaml reads, from real files.

The files are the upstream ones or parts of them, one per language: prompts ``{language}.jsonl``,
and X-AlpacaEval's questions and reference answers ``{language}.json``.

A preference pair needs no annotator. The chosen response is the reference answer to the question;
the rejected one is certainly worse: it is the answer to the next question (subset
``other-question``), so that each answer is chosen once and rejected once, or the reference answer
in another language (``other-language``). All are cut to a length.
"""

import argparse
import json
from pathlib import Path

LANGUAGES = ("en", "es", "de")
PROMPTS, PROMPT_CHARACTERS = 16, 300
TRAINED, TESTED = 48, 20
"""Questions of the training pairs, and those after them of the test triples."""
ANSWER_CHARACTERS = 160


def short_prompts(folder, languages, count, characters):
    """By language, the first prompts that have at most ``characters`` in every language."""
    rows = {
        language: [
            json.loads(line)
            for line in (folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        for language in languages
    }
    short = [
        number
        for number, same in enumerate(zip(*rows.values(), strict=True))
        if max(len(row["instruction"]) for row in same) <= characters
    ][:count]
    return {language: [rows[language][number] for number in short] for language in languages}


def answered(questions, references, languages):
    """By language, (question, reference answer) of each question, in the order of the file."""
    return {
        language: [
            (row["instruction"], answers[row["instruction"]])
            for row in _read(questions / f"{language}.json")
        ]
        for language in languages
        for answers in [
            {row["instruction"]: row["output"] for row in _read(references / f"{language}.json")}
        ]
    }


def cut(text, characters):
    """The beginning of a text up to a word boundary, with single spaces."""
    words = " ".join(text.split())
    return words if len(words) <= characters else words[: characters + 1].rsplit(" ", 1)[0]


def against_other_questions(rows, first):
    """Pairs of the answer to each question and the answer to the next; ids count from ``first``."""
    following = [*rows[1:], rows[0]]
    return [
        {
            "id": f"{first + number}-other-question",
            "prompt": question,
            "chosen": cut(answer, ANSWER_CHARACTERS),
            "rejected": cut(other, ANSWER_CHARACTERS),
            "subset": "other-question",
        }
        for number, ((question, answer), (_, other)) in enumerate(zip(rows, following, strict=True))
    ]


def against_other_languages(rows, others, first):
    """Pairs of the answer to each question and the answer to it in another language."""
    return [
        {
            "id": f"{first + number}-other-language",
            "prompt": question,
            "chosen": cut(answer, ANSWER_CHARACTERS),
            "rejected": cut(other, ANSWER_CHARACTERS),
            "subset": "other-language",
        }
        for number, ((question, answer), (_, other)) in enumerate(zip(rows, others, strict=True))
    ]


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def write(prompts, questions, references, out):
    """Write the three folders below ``out``: prompts, train and triples."""
    for language, rows in short_prompts(prompts, LANGUAGES, PROMPTS, PROMPT_CHARACTERS).items():
        _write(out / "prompts" / f"{language}.jsonl", rows)
    pairs = answered(questions, references, LANGUAGES)
    english, second = LANGUAGES[:2]
    _write(out / "train/en.jsonl", against_other_questions(pairs[english][:TRAINED], 0))
    for language in LANGUAGES:
        rows, others = (
            pairs[name][TRAINED : TRAINED + TESTED]
            for name in (language, second if language == english else english)
        )
        triples = against_other_questions(rows, TRAINED)
        triples += against_other_languages(rows, others, TRAINED)
        _write(out / "triples" / f"{language}.jsonl", triples)


def main():
    """Read the three folders and write the inputs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("prompts", type=Path, help="folder of {language}.jsonl")
    parser.add_argument("questions", type=Path, help="folder of {language}.json")
    parser.add_argument("references", type=Path, help="folder of {language}.json")
    parser.add_argument("--out", type=Path, default=Path("data/real-rivals"))
    asked = parser.parse_args()
    write(asked.prompts, asked.questions, asked.references, asked.out)


if __name__ == "__main__":
    main()
