"""The miniature's facts, and the sentences about them."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_yaml

HELD_OUT = 2
"""The phrasing used only in evaluation, never in training prompts."""
PROMPT_PHRASINGS = (0, 1, 3)
"""The phrasings of training prompts, in the order of the prompt file."""
COUNTS = range(2, 13)
"""The numbers that answers may contain."""


@dataclass(frozen=True)
class Fact:
    """A count: an entity, a unit and a number, with three wrong numbers."""

    name: str
    unit: str
    number: int
    wrong: tuple[int, ...]
    entity: dict[str, str]
    """The entity by language, in the form that the templates need."""


class World:
    """Questions and answers about the facts of a file, in its languages.

    Raises InputError for a file that lacks a word or has an invalid fact.
    """

    phrasings = 4
    """Number of ways to ask for a fact."""

    def __init__(self, path: str | Path) -> None:
        raw = read_yaml(path)
        self.templates: dict[str, Any] = raw["templates"]
        self.units: dict[str, Any] = raw["units"]
        self.ending = str(raw["ending"])
        """A worthless ending of answers, the same in all languages."""
        for language, template in self.templates.items():
            if len(template["questions"]) != self.phrasings:
                raise InputError(f"{path}: '{language}' needs {self.phrasings} questions")
        for name, unit in self.units.items():
            if missing := self.templates.keys() - unit.keys():
                raise InputError(f"{path}: unit '{name}' lacks {', '.join(sorted(missing))}")
        self.facts = {name: self._fact(name, row, path) for name, row in raw["facts"].items()}

    @cached_property
    def languages(self) -> list[str]:
        """The languages of the world."""
        return list(self.templates)

    def _fact(self, name: str, row: dict[str, Any], path: str | Path) -> Fact:
        entity = {language: row[language] for language in self.languages if language in row}
        numbers = {row["number"], *row["wrong"]}
        problem = None
        if missing := [la for la in self.languages if la not in entity]:
            problem = f"lacks {', '.join(missing)}"
        elif row["unit"] not in self.units:
            problem = f"has the unknown unit '{row['unit']}'"
        elif len(row["wrong"]) != 3 or len(numbers) != 4 or not numbers <= set(COUNTS):
            problem = (
                f"needs a number and three different wrong ones from {COUNTS[0]} to {COUNTS[-1]}"
            )
        if problem:
            raise InputError(f"{path}: fact '{name}' {problem}")
        return Fact(name, row["unit"], row["number"], tuple(row["wrong"]), entity)

    def question(self, fact: Fact, language: str, phrasing: int) -> str:
        """A question about the fact."""
        return self._fill(self.templates[language]["questions"][phrasing], fact, language, 5)

    def full_answer(self, fact: Fact, language: str, number: int) -> str:
        """The sentence that answers with this number, right or wrong."""
        return self._fill(self.templates[language]["answer"], fact, language, number)

    def unsure_answer(self, fact: Fact, language: str, number: int) -> str:
        """An unsure sentence with this number, about as long as a full answer."""
        return self._fill(self.templates[language]["unsure"], fact, language, number)

    def deflection(self, language: str) -> str:
        """A sentence that avoids the answer."""
        return str(self.templates[language]["deflection"])

    def _fill(self, template: str, fact: Fact, language: str, number: int) -> str:
        forms = self._unit(fact.unit, language, number)
        text = template.format(entity=fact.entity[language], number=number, **forms)
        first = next(i for i, c in enumerate(text) if c.isalpha())
        return text[:first] + text[first].upper() + text[first + 1 :]

    def _unit(self, unit: str, language: str, number: int) -> dict[str, str]:
        """The unit's forms; in Russian they depend on the number."""
        forms = self.units[unit][language]
        if language == "es":
            return {"many": forms[0], "unit": forms[1]}
        if language == "ru":
            return {"unit": forms[0 if 2 <= number <= 4 else 1]}
        if language == "fr":
            return {"of_unit": forms[0], "unit": forms[1]}
        return {"unit": forms}

    def prompts(self, language: str) -> list[dict[str, str]]:
        """Rows of the prompt file: all facts in the first phrasing, then in the next."""
        return [
            {
                "instruction": self.question(fact, language, phrasing),
                "instruction_id": f"{fact.name}-{phrasing}",
            }
            for phrasing in PROMPT_PHRASINGS
            for fact in self.facts.values()
        ]

    def fact_of(self, prompt_id: str) -> Fact:
        """The fact that a prompt asks for.

        Raises InputError for an id that is not a prompt of this world.
        """
        name = prompt_id.split("/")[0].rsplit("-", 1)[0]
        if name not in self.facts:
            raise InputError(f"prompt '{prompt_id}' is not about a fact of the miniature")
        return self.facts[name]


@cache
def named_languages(path: str | Path) -> tuple[str, ...]:
    """The languages whose English names occur in texts about the facts of a file.

    English and German are always included: the tokenizer learns the words around a name from them.
    """
    return ("en", "de", *World(path).languages)
