"""Add new settings to the first defaults: ``python -m icr.workflow.first_defaults``.

Existing entries stay as they are, even if the default has changed since.
"""

import json
from typing import Any

from icr.config.base import Section
from icr.config.root import Config as Config  # which imports all sections
from icr.storage.files import read_json, write_json
from icr.workflow.compared import FIRST_DEFAULTS, default


def missing() -> dict[str, Any]:
    """The defaults of settings without an entry, by section and name."""
    recorded = read_json(FIRST_DEFAULTS)
    return {
        f"{kind.__name__}.{name}": value
        for kind in sorted(sections(), key=lambda kind: kind.__name__)
        for name in kind.model_fields
        if f"{kind.__name__}.{name}" not in recorded
        for value in default(kind, name)
    }


def sections(kind: type[Section] = Section) -> set[type[Section]]:
    """All kinds of sections of the configuration."""
    subclasses = set(kind.__subclasses__())
    return subclasses.union(*(sections(subclass) for subclass in subclasses))


if __name__ == "__main__":
    added = json.loads(json.dumps(missing()))
    write_json(dict(sorted({**read_json(FIRST_DEFAULTS), **added}.items())), FIRST_DEFAULTS)
