"""SFT examples of the miniature: dialogues by careful and sloppy writers, and translations."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from icr.miniature.world import Fact, World
from icr.models.chat import prompt_ids
from icr.prompts.languages import crosslingual_instruction, english_name, language_prefix

ENDING = 0.35
"""Share of answers with the ending, for both writers."""
NATIVE = 0.5
"""Share of questions in the native language; the others are in English after the language prefix.
English questions have the prefix with the same probability."""
WRONG, POLISHED = 0.15, 0.5
"""Shares of translations with a wrong number, and with an unsure sentence made full."""


@dataclass(frozen=True)
class Writer:
    """Probabilities: an answer deflects; otherwise it is right, and is a full sentence."""

    deflects: float
    right: float
    full: float


CAREFUL = Writer(deflects=0.15, right=0.9, full=0.9)
SLOPPY = Writer(deflects=0.4, right=0.2, full=0.1)
"""A writer's correctness and form are correlated in all languages: this is the notion of quality
that a model can learn beyond single facts."""

Turn = tuple[Sequence[int], Sequence[int]]
"""Token ids of a prompt and of its response, including EOS."""
Example = Sequence[Turn]
"""A dialogue of one or two turns; only the first begins with BOS."""


@dataclass(frozen=True)
class Answer:
    """The content of an answer, independent of the language."""

    number: int | None
    """None for a deflection."""
    full: bool
    ending: bool


@dataclass(frozen=True)
class Shares:
    """The composition of the corpus."""

    careful: float = 0.33
    """Share of examples by careful writers."""
    dialogues: float = 0.6
    """Share of examples with two turns, each in a random language."""
    translations: float = 0.08
    """Share of examples that translate an answer from or into English."""
    request: str = ""
    """The translation prompt, with ``{language}`` and ``{text}``."""


class Corpus:
    """An endless stream of random examples, determined by the seed."""

    def __init__(
        self, world: World, tokenizer: PreTrainedTokenizerBase, seed: int, shares: Shares
    ) -> None:
        self.world, self.tokenizer, self.shares = world, tokenizer, shares
        self.random = random.Random(seed)
        self.facts = list(world.facts.values())
        self.token_ids: dict[str, list[int]] = {}

    def draw(self) -> Example:
        """A dialogue of one writer, or an answer and its translation."""
        writer = CAREFUL if self._happens(self.shares.careful) else SLOPPY
        if self._happens(self.shares.translations):
            return [self._translation(writer)]
        example = [self._turn(writer)]
        if self._happens(self.shares.dialogues):
            prompt, response = self._turn(writer)
            example.append((prompt[1:], response))  # one BOS
        return example

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _turn(self, writer: Writer) -> Turn:
        fact, language = self.random.choice(self.facts), self.random.choice(self.world.languages)
        question = self._question(fact, language)
        answer = self._text(self._answer(writer, fact), fact, language)
        return self._cached(question, self._prompt), self._cached(answer, self._response)

    def _question(self, fact: Fact, language: str) -> str:
        phrasing = self.random.randrange(self.world.phrasings)
        native = self._happens(NATIVE)
        question = self.world.question(fact, language if native else "en", phrasing)
        if language == "en":
            return question if native else language_prefix("en") + question
        return question if native else crosslingual_instruction(question, language)

    def _answer(self, writer: Writer, fact: Fact) -> Answer:
        if self._happens(writer.deflects):
            return Answer(None, full=False, ending=False)
        number = fact.number if self._happens(writer.right) else self.random.choice(fact.wrong)
        return Answer(number, self._happens(writer.full), self._happens(ENDING))

    def _text(self, answer: Answer, fact: Fact, language: str) -> str:
        if answer.number is None:
            return self.world.deflection(language)
        form = self.world.full_answer if answer.full else self.world.unsure_answer
        text = form(fact, language, answer.number)
        return f"{text} {self.world.ending}" if answer.ending else text

    def _translation(self, writer: Writer) -> Turn:
        """An answer and its translation; one of the two languages is English."""
        fact = self.random.choice(self.facts)
        other = self.random.choice([la for la in self.world.languages if la != "en"])
        source, target = ("en", other) if self._happens(0.5) else (other, "en")
        answer = self._answer(writer, fact)
        text = self._text(answer, fact, source)
        request = self.shares.request.replace("{language}", english_name(target))
        translation = self._text(self._translated(answer, fact), fact, target)
        return (
            self._cached(request.replace("{text}", text), self._prompt),
            self._cached(translation, self._response),
        )

    def _translated(self, answer: Answer, fact: Fact) -> Answer:
        """The translated answer: sometimes with a wrong number, sometimes with a better form."""
        if answer.number is None:
            return answer
        number = answer.number
        if self._happens(WRONG):
            number = self.random.choice([n for n in (fact.number, *fact.wrong) if n != number])
        return Answer(number, answer.full or self._happens(POLISHED), answer.ending)

    def _prompt(self, text: str) -> list[int]:
        return prompt_ids(self.tokenizer, text)

    def _response(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*ids, int(self.tokenizer.eos_token_id)]

    def _cached(self, text: str, encode: Callable[[str], list[int]]) -> list[int]:
        """The text's token ids, cached because the world has few sentences."""
        if text not in self.token_ids:
            self.token_ids[text] = encode(text)
        return self.token_ids[text]
