"""Parallel prompt sets: their sources, languages and blocks."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, model_validator

from icr.config.base import Languages, Section, kind_by_key


class UpstreamPrompts(Section):
    """Files of a public repository at a pinned commit, checked by git blob id."""

    repo: str
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    path: str = Field(pattern=r"\{language\}")
    """Path of a language's file, with ``{language}`` in it."""
    id: str = "instruction_id"
    """The key of a prompt's id in these files."""


class FolderPrompts(Section):
    """The user's own files, ``{language}.jsonl``, rows ``{instruction, instruction_id}``."""

    folder: str


class MiniaturePrompts(Section):
    """Questions of the miniature world."""

    miniature: str
    """Path of the world's facts."""


class Translator(Section):
    """A translation backend."""

    backend: Literal["google", "llm", "file"]
    model: str | None = None
    """Base model that translates (``llm``)."""
    folder: str | None = None
    """Folder of ``{language}.jsonl`` with finished translations (``file``)."""
    max_tokens: int = Field(2048, gt=0)
    """Maximum tokens of a translation (``llm``); a longer translation fails."""
    on_failure: Literal["error", "keep"] = "error"
    """What to do if a translation is empty, untranslated or cut: stop, or keep the English text."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {"llm": self.model, "file": self.folder, "google": True}
        if not needs[self.backend]:
            key = {"llm": "model", "file": "folder"}[self.backend]
            raise ValueError(f"translation backend '{self.backend}' needs the key '{key}'")
        if others := [key for key in self._others() if getattr(self, key) != _default(key)]:
            raise ValueError(f"translation backend '{self.backend}' takes no {', '.join(others)}")
        return self

    def _others(self) -> list[str]:
        """Keys of other backends."""
        keys = {"llm": ["model", "max_tokens"], "file": ["folder"], "google": []}
        return [key for backend in keys.keys() - {self.backend} for key in keys[backend]]


def _default(key: str) -> Any:
    return Translator.model_fields[key].default


EnglishSource = Annotated[
    Annotated[UpstreamPrompts, Tag("repo")] | Annotated[FolderPrompts, Tag("folder")],
    kind_by_key("repo", "folder"),
]


class TranslatedPrompts(Section):
    """English prompts of another source, translated into the other languages by the workflow."""

    english: EnglishSource
    translate: Translator


PromptSource = Annotated[
    Annotated[UpstreamPrompts, Tag("repo")]
    | Annotated[FolderPrompts, Tag("folder")]
    | Annotated[MiniaturePrompts, Tag("miniature")]
    | Annotated[TranslatedPrompts, Tag("english")],
    kind_by_key("repo", "folder", "miniature", "english"),
]


BLOCKS = 10_000
"""Maximum number of blocks: block numbers have four digits."""


class PromptSet(Section):
    """A set of parallel prompts: one file per language, aligned by id."""

    source: PromptSource
    languages: Languages = Field(min_length=1)
    size: int = Field(gt=0)
    """Prompts in each file. Experiments take the first ``count`` of them."""
    block: int = Field(500, gt=0)
    """Prompts per block. A sampling or scoring job takes one block or several, and experiments with
    different ``count`` share them."""

    @model_validator(mode="after")
    def _check_set(self) -> Self:
        if "en" not in self.languages:
            raise ValueError("'languages' lacks 'en'; cross-lingual rewards need the English side")
        if self.size > BLOCKS * self.block:
            raise ValueError(f"'size' gives more than {BLOCKS:,} blocks; increase 'block'")
        return self
