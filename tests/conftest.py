"""Which tests go to the same process: those that share a cluster, a finished demo, a file."""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("slurm", "workflow")
"""Folders whose tests stay together. They take longest, so they come first."""


class Groups(LoadScopeScheduling):
    """Gives a process one group of tests after the other."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in TOGETHER else file


def pytest_xdist_make_scheduler(config, log):
    return Groups(config, log)


def pytest_collection_modifyitems(items):
    places = {folder: place for place, folder in enumerate(TOGETHER)}
    items.sort(key=lambda item: places.get(item.nodeid.split("/")[1], len(TOGETHER)))
