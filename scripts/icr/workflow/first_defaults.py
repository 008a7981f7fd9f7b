"""Adds settings that are new to the first defaults: ``python -m icr.workflow.first_defaults``.

Entries that stand there are left as they are, also where the default has changed since.
"""

import json
from typing import Any

from icr.config.base import Section
from icr.config.root import Config as Config  # which imports all sections
from icr.storage.files import read_json, write_json
from icr.workflow.compared import FIRST_DEFAULTS, default


def missing() -> dict[str, Any]:
    """The defaults of settings that have no entry, by section and name."""
    known = read_json(FIRST_DEFAULTS)
    return {
        f"{kind.__name__}.{name}": value
        for kind in sorted(sections(), key=lambda kind: kind.__name__)
        for name in kind.model_fields
        if f"{kind.__name__}.{name}" not in known
        for value in default(kind, name)
    }


def sections(kind: type[Section] = Section) -> set[type[Section]]:
    """All kinds of sections of the configuration."""
    below = set(kind.__subclasses__())
    return below.union(*(sections(each) for each in below))


if __name__ == "__main__":
    added = json.loads(json.dumps(missing()))
    write_json(dict(sorted({**read_json(FIRST_DEFAULTS), **added}.items())), FIRST_DEFAULTS)
