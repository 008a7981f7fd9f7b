"""SFT examples of the miniature world: questions with answers of mixed quality, translations."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from icr.chat import prompt_ids
from icr.languages import crosslingual_instruction, english_name
from icr.miniature.world import Fact, World

RIGHT, FULL, FILLER, NATIVE = 0.4, 0.6, 0.3, 0.5
"""Shares of answers with the right number, in a full sentence and with the filler, and of
questions in the native language; the others are English behind the language prefix."""
ROW = 96
"""Tokens of a packed row; the longest example has about 40."""
UNTRAINED = -100

Example = tuple[Sequence[int], Sequence[int]]
"""Token ids of a prompt and of its response, EOS included."""


@dataclass(frozen=True)
class Packed:
    """Examples laid end to end in rows, each blind to its neighbours."""

    ids: torch.Tensor
    """Shape (rows, width)."""
    labels: torch.Tensor
    """The ids of responses, −100 elsewhere; shape (rows, width)."""
    positions: torch.Tensor
    """Position within the example; shape (rows, width)."""
    mask: torch.Tensor
    """What is added to attention scores; shape (rows, 1, width, width)."""


def pack(examples: Sequence[Example], pad: int) -> Packed:
    """Lay examples into as few rows as first-fit finds, which spares a third of the tokens."""
    rows: list[list[Example]] = []
    for example in sorted(examples, key=_length, reverse=True):
        fitting = (row for row in rows if sum(map(_length, row)) + _length(example) <= ROW)
        row = next(fitting, None)
        if row is None:
            rows.append(row := [])
        row.append(example)
    width = max(sum(map(_length, row)) for row in rows)
    ids = torch.full((len(rows), width), pad)
    labels = torch.full_like(ids, UNTRAINED)
    positions, owner = torch.zeros_like(ids), torch.full_like(ids, -1)
    for r, row in enumerate(rows):
        start = 0
        for number, (prompt, response) in enumerate(row):
            end = start + len(prompt) + len(response)
            ids[r, start:end] = torch.tensor([*prompt, *response])
            labels[r, start + len(prompt) : end] = torch.tensor(response)
            positions[r, start:end] = torch.arange(end - start)
            owner[r, start:end] = number
            start = end
    seen = (owner[:, :, None] == owner[:, None, :]).tril()
    mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)
    return Packed(ids, labels, positions, mask[:, None])


def _length(example: Example) -> int:
    return len(example[0]) + len(example[1])


class Corpus:
    """Draws examples afresh, always the same ones for a seed."""

    def __init__(
        self,
        world: World,
        tokenizer: PreTrainedTokenizerBase,
        seed: int,
        translations: float = 0.0,
        request: str = "",
    ) -> None:
        """A share ``translations`` of the examples translates an answer.

        ``request`` asks for it; it holds ``{language}`` and ``{text}``.
        """
        self.world, self.tokenizer, self.random = world, tokenizer, random.Random(seed)
        self.translations, self.request = translations, request
        self.facts = list(world.facts.values())
        self.known: dict[str, list[int]] = {}

    def draw(self) -> Example:
        """A question and an answer that may be wrong, curt or wordy; or an answer, translated."""
        random, world = self.random, self.world
        if self.translations and random.random() < self.translations:
            return self._translation()
        fact, language = random.choice(self.facts), random.choice(world.languages)
        phrasing = random.randrange(world.phrasings)
        if random.random() < NATIVE:
            question = world.question(fact, language, phrasing)
        else:
            question = crosslingual_instruction(world.question(fact, "en", phrasing), language)
        answer = self._answer(fact, language)
        return self._remember(question, self._prompt), self._remember(answer, self._response)

    def _translation(self) -> Example:
        """An answer in one language and the same in another: English, or from English."""
        random, world = self.random, self.world
        fact = random.choice(self.facts)
        other = random.choice([la for la in world.languages if la != "en"])
        source, target = ("en", other) if random.random() < 0.5 else (other, "en")
        state = random.getstate()
        text = self._answer(fact, source)
        random.setstate(state)  # the same draws make the same answer
        translated = self._answer(fact, target)
        asked = self.request.replace("{language}", english_name(target)).replace("{text}", text)
        return self._remember(asked, self._prompt), self._remember(translated, self._response)

    def _answer(self, fact: Fact, language: str) -> str:
        random, world = self.random, self.world
        number = fact.number if random.random() < RIGHT else random.choice(fact.wrong)
        full = random.random() < FULL
        answer = world.full_answer(fact, language, number) if full else f"{number}."
        return f"{answer} {world.filler(language)}" if random.random() < FILLER else answer

    def _prompt(self, text: str) -> list[int]:
        return prompt_ids(self.tokenizer, text)

    def _response(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*ids, int(self.tokenizer.eos_token_id)]

    def _remember(self, text: str, encode: Callable[[str], list[int]]) -> list[int]:
        """Token ids; the world says the same things again and again."""
        if text not in self.known:
            self.known[text] = encode(text)
        return self.known[text]
