"""Parallel prompt sets: where the prompts come from and how they are divided."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, model_validator

from icr.config.base import Languages, Section, told_by_key


class UpstreamPrompts(Section):
    """Files of a public repository at a pinned commit, checked by git blob id."""

    repo: str
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    path: str = Field(pattern=r"\{language\}")
    """Path of a language's file, with ``{language}`` in it."""
    id: str = "instruction_id"
    """The key that holds a prompt's id in these files."""


class FolderPrompts(Section):
    """The user's own files, ``{language}.jsonl``, rows ``{instruction, instruction_id}``."""

    folder: str


class MiniaturePrompts(Section):
    """Questions of the demo's world."""

    miniature: str
    """Path of the world's facts."""


class Translator(Section):
    """Where translations come from."""

    backend: Literal["google", "llm", "file"]
    model: str | None = None
    """Base model that translates (``llm``)."""
    folder: str | None = None
    """Folder of ``{language}.jsonl`` with finished translations (``file``)."""
    max_tokens: int = Field(2048, gt=0)
    """Limit of one translation (``llm``); a prompt whose translation is longer has failed."""
    on_failure: Literal["error", "keep"] = "error"
    """What to do with a prompt that came back empty, untranslated or cut: stop, or keep the
    English text."""

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
    told_by_key("repo", "folder"),
]


class TranslatedPrompts(Section):
    """English prompts of another source, translated into the other languages."""

    english: EnglishSource
    translate: Translator


PromptSource = Annotated[
    Annotated[UpstreamPrompts, Tag("repo")]
    | Annotated[FolderPrompts, Tag("folder")]
    | Annotated[MiniaturePrompts, Tag("miniature")]
    | Annotated[TranslatedPrompts, Tag("english")],
    told_by_key("repo", "folder", "miniature", "english"),
]


BLOCKS = 10_000
"""Their numbers have four digits."""


class PromptSet(Section):
    """A set of parallel prompts, one file a language, aligned by id."""

    source: PromptSource
    languages: Languages = Field(min_length=1)
    size: int = Field(gt=0)
    """Prompts in each file. Experiments take the first ``count`` of them."""
    block: int = Field(500, gt=0)
    """Prompts that one sampling or scoring job covers. Sets that nest share their blocks."""

    @model_validator(mode="after")
    def _has_english(self) -> Self:
        if "en" not in self.languages:
            raise ValueError("'languages' lacks 'en'; cross-lingual rewards need the English side")
        if self.size > BLOCKS * self.block:
            raise ValueError(f"'block' makes more than {BLOCKS:,} blocks of 'size'; raise it")
        return self
