"""Question sets of the benchmarks: where questions and reference answers come from."""

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from icr.config.base import Language, Languages, Section, told_by_key


class UpstreamFiles(Section):
    """Files of a public repository at a pinned commit, checked by git blob id."""

    repo: str
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    path: str
    """Path of a language's file, with ``{language}`` (or ``{LANGUAGE}``, in capitals) in it."""


class FolderFiles(Section):
    """The user's own files, ``{language}.jsonl`` or ``{language}.json``."""

    folder: str


class MiniatureFiles(Section):
    """Held-out questions of the demo's world, or mediocre answers to them."""

    miniature: str
    """Path of the world's facts."""
    turns: Literal[1, 2] = 1


FileSource = Annotated[
    Annotated[UpstreamFiles, Tag("repo")]
    | Annotated[FolderFiles, Tag("folder")]
    | Annotated[MiniatureFiles, Tag("miniature")],
    told_by_key("repo", "folder", "miniature"),
]


class QuestionFiles(Section):
    """Questions, and reference answers where the benchmark has them."""

    source: FileSource
    references: FileSource | None = None
    note: str = ""
    """What a table that uses the set must say about it: licence, stand-ins."""


class QuestionSet(QuestionFiles):
    """A benchmark's questions, one file a language."""

    languages: Languages = Field(min_length=1)
    elsewhere: dict[Language, QuestionFiles] = Field(default_factory=dict)
    """Languages whose files come from another source than the rest."""

    @model_validator(mode="after")
    def _known_languages(self) -> Self:
        if unknown := self.elsewhere.keys() - set(self.languages):
            raise ValueError(f"'elsewhere' names {', '.join(sorted(unknown))}, not in 'languages'")
        return self

    def sources(self) -> list[FileSource]:
        """Where the questions of all languages come from."""
        return [self.files(language).source for language in self.languages]

    def files(self, language: str) -> QuestionFiles:
        """Where a language's files come from."""
        return self.elsewhere.get(language, self)
