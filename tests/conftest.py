"""Which tests go to the same process: those that share a cluster, a finished demo, a file."""

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

FIRST = ("slurm", "workflow", "rehearsal", "components")
"""Folders by what their groups take: the longest come first, and short ones fill up the rest."""
TOGETHER = ("slurm", "workflow")
"""Folders whose tests stay together: they share a cluster and a finished demo."""
APART = (
    "test_grading", "test_lidr_pairs", "test_own_files", "test_own_reward", "test_plan",
    "test_secrets", "test_targets", "test_without_implicit_reward",
)  # fmt: skip
"""Files of theirs that use neither, for whichever process is free."""


class Groups(LoadScopeScheduling):
    """Gives a process one group of tests after the other."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in TOGETHER and Path(file).stem not in APART else file


def pytest_xdist_make_scheduler(config, log):
    return Groups(config, log)


def pytest_collection_modifyitems(items):
    places = {folder: place for place, folder in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.split("/")[1], len(FIRST)))
