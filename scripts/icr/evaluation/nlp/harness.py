"""The tasks of the installed lm-evaluation-harness, read folder by folder."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.evaluation.nlp.mirror import harness_folder


class Harness(Mapping[str, Any]):
    """Every task, group and tag of the harness by name.

    The harness reads all of its folders, which takes ten seconds or more. Here a folder is read
    when a name is looked up that its files mention, so no two folders may share a name.
    """

    def __init__(self) -> None:
        self._entries: dict[str, Any] = {}
        self._unread = {
            folder: b"\n".join(file.read_bytes() for file in folder.glob("**/*yaml"))
            for folder in sorted(path for path in harness_folder().iterdir() if path.is_dir())
        }

    def __getitem__(self, name: str) -> Any:
        self._read([folder for folder, text in self._unread.items() if _mentions(text, name)])
        if name not in self._entries:  # a name may be put together from included files
            self._read(list(self._unread))
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        self._read(list(self._unread))
        return iter(self._entries)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read(self, folders: list[Path]) -> None:
        from lm_eval.tasks._index import Kind, TaskIndex

        for folder in folders:
            del self._unread[folder]
            for name, entry in TaskIndex.build([folder]).items():
                known = self._entries.setdefault(name, entry)
                if entry.kind is Kind.TAG:
                    known.tags |= entry.tags


def _mentions(text: bytes, name: str) -> bool:
    word = name.encode()
    return word in text and bool(re.search(rb"(?<![\w-])%b(?![\w-])" % re.escape(word), text))


@cache
def harness() -> Harness:
    """The installed harness."""
    return Harness()


@dataclass(frozen=True)
class Leaf:
    """A task with questions of its own, not a group of tasks."""

    name: str
    file: Path
    settings: Mapping[str, Any]
    """Its task file, with all included files."""
    overrides: Mapping[str, Any]
    """Settings that its groups override."""

    def get(self, key: str) -> Any:
        """A setting, as the harness sees it."""
        return self.overrides.get(key, self.settings.get(key))


def leaves(name: str, overrides: Mapping[str, Any] | None = None) -> Iterator[Leaf]:
    """The tasks below a task, group or tag of the harness, in its order.

    Raises InputError for a task whose data cannot be mirrored.
    """
    from lm_eval.tasks._factory import GROUP_FIELD_NAMES

    overrides = overrides or {}
    entry = harness()[name]
    if entry.cfg is None:
        for member in sorted(entry.tags):
            yield from leaves(member, overrides)
    elif "group" in entry.cfg:
        own = {k: v for k, v in entry.cfg.items() if k not in GROUP_FIELD_NAMES}
        for item in entry.cfg["task"]:
            item = {"task": item} if isinstance(item, str) else dict(item)
            member = item.pop("task", None) or item.pop("group")
            yield from leaves(member, {**own, **overrides, **item})
    elif "class" in entry.cfg or "custom_dataset" in entry.cfg:
        raise InputError(f"task '{name}' generates its data by code and cannot be mirrored")
    else:
        yield Leaf(name, entry.yaml_path, entry.cfg, overrides)
