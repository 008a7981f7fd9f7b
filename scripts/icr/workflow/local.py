"""What of a run lies on this machine: the user's own files, and a hub mirror that is a folder.

Jobs that read them have them as inputs, so that a corrected file is read again. A mirror of public
repositories is no input: its files are pinned by their blob ids, and cannot change.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from icr.config import Config
from icr.config.models import FolderSource, GgufSource, HubSource
from icr.config.prompts import FolderPrompts, TranslatedPrompts
from icr.config.questions import FileSource, FolderFiles
from icr.errors import InputError
from icr.evaluation.questions import file_in
from icr.models.snapshots import CARD, TEMPLATE, mirrored, wanted_files
from icr.prompts.parallel import prompt_file_in
from icr.storage.files import read_json
from icr.workflow.policies import Policies

SMALL = 10_000_000
"""Bytes up to which a file is known by its content."""


def states(paths: Iterable[str]) -> list[object]:
    """What changes if one of these files does, and stays if it is only touched.

    A parameter of the rules that read them: one file moved over another may be the older one, and
    its time would tell nothing.
    """
    return [_state(Path(path)) for path in paths if Path(path).is_file()]


def _state(path: Path) -> object:
    known = path.stat()
    if known.st_size > SMALL:
        return [known.st_size, known.st_mtime_ns]
    return hashlib.sha256(path.read_bytes()).hexdigest()


class LocalFiles:
    """Paths of local inputs."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config, self.policies = config, policies

    def prompts(self, prompts: str, language: str) -> list[str]:
        """The user's file that a set's prompts of one language are read from, if it is one."""
        source = self.config.prompts[prompts].source
        if isinstance(source, TranslatedPrompts):
            by = source.translate
            if language != "en":
                return [] if by.folder is None else [str(prompt_file_in(by.folder, language))]
            english = source.english
            return self._prompts_of(english, language)
        return self._prompts_of(source, language)

    @staticmethod
    def _prompts_of(source: object, language: str) -> list[str]:
        if not isinstance(source, FolderPrompts):
            return []
        return [str(prompt_file_in(source.folder, language))]

    @staticmethod
    def rows(source: FileSource | None, language: str) -> list[str]:
        """The user's file of questions, references or outputs, if it is one."""
        return [str(file_in(source.folder, language))] if isinstance(source, FolderFiles) else []

    def questions(
        self, questions: str, language: str, kind: Literal["source", "references"]
    ) -> list[str]:
        """The user's file of a question set's questions or references, if it is one."""
        files = self.config.questions[questions].files(language)
        return self.rows(getattr(files, kind), language)

    def model(self, model: str) -> list[str]:
        """The files that a fetched model is made from, as far as they lie on this machine."""
        source = self.config.models[model].source
        template = self.config.models[model].chat_template
        files: list[str] = []
        if isinstance(source, GgufSource) and not source.gguf.startswith("package:"):
            files = [os.path.expanduser(source.gguf)]
        elif isinstance(source, FolderSource):
            files = _used(Path(source.folder).expanduser(), template)
        elif isinstance(source, HubSource):
            folder = self._mirrored(model, source)
            files = [] if folder is None else _used(folder, template)
        return [*files, *([os.path.expanduser(template)] if template else [])]

    def _mirrored(self, model: str, source: HubSource) -> Path | None:
        """The mirror's folder that a model of the hub is linked to, or will be.

        Once fetched, a model stands on what it was fetched from, whatever mirror is named later.
        """
        folder, mirror = Path(self.policies.folder(model)), self.config.mirrors.hub
        config = folder / "config.json"
        if config.exists() and _source_of(folder) == source.model_dump():
            return Path(os.readlink(config)).parent if config.is_symlink() else None
        if "://" in mirror:
            return None
        return mirrored(mirror, source.hub, source.revision).absolute()


def _used(folder: Path, template: str | None) -> list[str]:
    if not folder.is_dir():
        return []
    replaced = {CARD, *([TEMPLATE] if template else [])}
    names = wanted_files(file.name for file in folder.iterdir() if file.is_file())
    return [str(folder / name) for name in names if name not in replaced]


def _source_of(folder: Path) -> object:
    """Where a fetched model came from; None if its card is missing or damaged."""
    try:
        card = read_json(folder / CARD)
    except InputError:
        return None
    return card.get("source") if isinstance(card, dict) else None
