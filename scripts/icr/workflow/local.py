"""The local inputs of a run: the user's own files, and models in a folder that mirrors the hub.

They are inputs of the jobs that read them, so that a corrected file is read again. A local mirror
of GitHub is not an input: its files are pinned by blob id and cannot change.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from icr.config import Config
from icr.config.models import FolderSource, GgufSource, HubSource
from icr.config.preferences import FolderPreferences, TranslatedPreferences
from icr.config.prompts import FolderPrompts, TranslatedPrompts
from icr.config.questions import FileSource, FolderFiles
from icr.errors import InputError
from icr.evaluation.questions import file_in
from icr.models.snapshots import CARD, TEMPLATE, mirrored, wanted_files
from icr.preferences.rows import preference_file_in
from icr.prompts.parallel import prompt_file_in
from icr.storage.files import read_json
from icr.workflow.policies import Policies

SMALL = 10_000_000
"""Bytes up to which a file is identified by its content."""


def file_states(paths: Iterable[str]) -> list[object]:
    """Values that differ if a file's content changed: a hash, or size and time of large files.

    They are a parameter of the rules that read the files, because a time alone can miss a change:
    the file that replaces another may be older.
    """
    return [_state(Path(path)) for path in paths if Path(path).is_file()]


def _state(path: Path) -> object:
    status = path.stat()
    if status.st_size > SMALL:
        return [status.st_size, status.st_mtime_ns]
    return hashlib.sha256(path.read_bytes()).hexdigest()


class LocalFiles:
    """Paths of a configuration's local inputs."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config, self.policies = config, policies

    def prompts(self, prompts: str, language: str) -> list[str]:
        """The user's file of a set's prompts in one language, or of their translations, if any."""
        source = self.config.prompts[prompts].source
        if isinstance(source, TranslatedPrompts):
            folder = source.translate.folder
            if language != "en":
                return [] if folder is None else [str(prompt_file_in(folder, language))]
            return self._prompts_of(source.english, language)
        return self._prompts_of(source, language)

    @staticmethod
    def _prompts_of(source: object, language: str) -> list[str]:
        if not isinstance(source, FolderPrompts):
            return []
        return [str(prompt_file_in(source.folder, language))]

    def preferences(self, preferences: str, language: str) -> list[str]:
        """The user's file of a language's preference pairs, if any."""
        source = self.config.preferences[preferences].of(language)
        if isinstance(source, TranslatedPreferences):
            source = source.english
        if not isinstance(source, FolderPreferences):
            return []
        return [str(preference_file_in(source.folder, language))]

    @staticmethod
    def rows(source: FileSource | None, language: str) -> list[str]:
        """The user's file of questions, references or outputs, if any."""
        return [str(file_in(source.folder, language))] if isinstance(source, FolderFiles) else []

    def questions(
        self, questions: str, language: str, kind: Literal["source", "references"]
    ) -> list[str]:
        """The user's file of a question set's questions or references, if any."""
        files = self.config.questions[questions].files(language)
        return self.rows(getattr(files, kind), language)

    def model(self, model: str) -> list[str]:
        """The local files that a model is linked to or converted from, if any."""
        source = self.config.models[model].source
        template = self.config.models[model].chat_template
        files: list[str] = []
        if isinstance(source, GgufSource) and not source.gguf.startswith("package:"):
            files = [os.path.expanduser(source.gguf)]
        elif isinstance(source, FolderSource):
            files = _linked_files(Path(source.folder).expanduser(), template)
        elif isinstance(source, HubSource):
            folder = self._mirrored(model, source)
            files = [] if folder is None else _linked_files(folder, template)
        return [*files, *([os.path.expanduser(template)] if template else [])]

    def model_file(self, model: str, name: str) -> Path | None:
        """A file of a model that is local or already fetched; None if there is none."""
        source, fetched = self.config.models[model].source, Path(self.policies.folder(model))
        files = [path for path in map(Path, self.model(model)) if path.name == name]
        if not files and _recorded_source(fetched) == source.model_dump():
            files = [fetched / name]
        return next((path for path in files if path.is_file()), None)

    def _mirrored(self, model: str, source: HubSource) -> Path | None:
        """The folder of a local mirror that a model of the hub is linked to, or will be.

        A model that is already fetched stays linked to its folder if the mirror's setting changes.
        """
        folder, mirror = Path(self.policies.folder(model)), self.config.mirrors.hub
        config = folder / "config.json"
        if config.exists() and _recorded_source(folder) == source.model_dump():
            return Path(os.readlink(config)).parent if config.is_symlink() else None
        if "://" in mirror:
            return None
        return mirrored(mirror, source.hub, source.revision).absolute()


def _linked_files(folder: Path, template: str | None) -> list[str]:
    if not folder.is_dir():
        return []
    replaced = {CARD, *([TEMPLATE] if template else [])}
    names = wanted_files(file.name for file in folder.iterdir() if file.is_file())
    return [str(folder / name) for name in names if name not in replaced]


def _recorded_source(folder: Path) -> object:
    """The source of a fetched model; None if its card is missing or damaged."""
    try:
        card = read_json(folder / CARD)
    except InputError:
        return None
    return card.get("source") if isinstance(card, dict) else None
