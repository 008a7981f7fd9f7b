"""Question sets of the benchmarks: sources of questions and reference answers."""

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from icr.config.base import Language, Languages, Section, kind_by_key


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
    """Held-out questions of the miniature world, or mediocre answers to them."""

    miniature: str
    """Path of the world's facts."""
    turns: Literal[1, 2] = 1


FileSource = Annotated[
    Annotated[UpstreamFiles, Tag("repo")]
    | Annotated[FolderFiles, Tag("folder")]
    | Annotated[MiniatureFiles, Tag("miniature")],
    kind_by_key("repo", "folder", "miniature"),
]


class QuestionFiles(Section):
    """Questions, and reference answers where the benchmark has them."""

    source: FileSource
    references: FileSource | None = None
    note: str = ""
    """A note for tables that use the set: licence, substitutes."""


class QuestionSet(QuestionFiles):
    """A benchmark's questions, one file per language."""

    languages: Languages = Field(min_length=1)
    elsewhere: dict[Language, QuestionFiles] = Field(default_factory=dict)
    """Languages whose files come from another source."""

    @model_validator(mode="after")
    def _known_languages(self) -> Self:
        if unknown := self.elsewhere.keys() - set(self.languages):
            raise ValueError(f"'elsewhere' names {', '.join(sorted(unknown))}, not in 'languages'")
        return self

    def sources(self) -> list[FileSource]:
        """The sources of the questions, language by language."""
        return [self.files(language).source for language in self.languages]

    def files(self, language: str) -> QuestionFiles:
        """The files of a language."""
        return self.elsewhere.get(language, self)
