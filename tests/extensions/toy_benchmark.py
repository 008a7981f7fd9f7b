"""A benchmark: is an answer in the language of its question? docs/extending.md describes it."""

from icr.evaluation.judged import JUDGED, Question, SingleTurn
from icr.prompts.languages import english_name


@JUDGED.register("same-language")
class SameLanguage(SingleTurn):
    """Share of answers that the judge says are in the language of the question."""

    column = "same_language"
    title = "answers in the language"
    caption = "How often the judge finds an answer in the language of its question."
    questions = 40

    @staticmethod
    def messages(question: Question, answer: str):
        """One user message that asks for yes or no."""
        text = f"Is this text in {english_name(question.language)}? Say yes or no.\n\n{answer}"
        return [{"role": "user", "content": text}]

    @staticmethod
    def parse(text: str):
        """1 for yes, 0 for no."""
        return {"yes": 1.0, "no": 0.0}.get(text.strip().lower().rstrip("."))
