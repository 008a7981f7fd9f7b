"""Files in the form of the upstream ones, from which the inputs of real-rivals.yaml are made."""

import json

LANGUAGES = ("en", "es", "de")


def upstream(folder):
    """Prompts, questions and reference answers in the form of the upstream files."""
    for name in ("prompts", "questions", "references"):
        (folder / name).mkdir()
    for language in LANGUAGES:
        prompts = [
            {"instruction": f"{language} prompt {n}" + "!" * (400 * (n == 1)), "instruction_id": n}
            for n in range(20)
        ]
        text = "".join(json.dumps(row) + "\n" for row in prompts)
        (folder / f"prompts/{language}.jsonl").write_text(text)
        questions = [{"instruction": f"{language} question {n}"} for n in range(100)]
        (folder / f"questions/{language}.json").write_text(json.dumps(questions))
        answers = [{**q, "output": f"{language} answer {n} " + "word " * 90}
                   for n, q in enumerate(questions)]  # fmt: skip
        (folder / f"references/{language}.json").write_text(json.dumps(answers[::-1]))
    return [folder / name for name in ("prompts", "questions", "references")]
