"""Which tests go to the same process: those that share a cluster, a finished demo, a file."""

from pathlib import Path

import pytest

ALONE = ("slurm", "workflow")
"""Folders whose tests stay together. They take longest, so they come first."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items):
    def folder(item):
        return Path(item.path).relative_to(Path(__file__).parent).parts[0]

    items.sort(key=lambda item: ALONE.index(name) if (name := folder(item)) in ALONE else 9)
    for item in items:
        group = name if (name := folder(item)) in ALONE else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
