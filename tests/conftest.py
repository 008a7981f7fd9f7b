"""Test distribution: tests that share a cluster, a demo, a model or a file share a process."""

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

FIRST = ("slurm", "workflow", "rehearsal", "components")
"""Folders whose groups take longest. They start first; short groups fill the remaining time."""
TOGETHER = ("slurm", "workflow")
"""Folders whose tests share a process, because they share a cluster or a finished demo."""
SHARING = {"test_gguf": "smollm2", "test_precision_smollm2": "smollm2"}
"""Other files whose tests share a process, by the name of what they share."""
APART = (
    "test_calibrate", "test_grading", "test_lidr_pairs", "test_own_benchmark", "test_own_files",
    "test_own_reward_pairs",
    "test_plan", "test_secrets", "test_targets", "test_without_implicit_reward",
)  # fmt: skip
"""Files in those folders that use neither and may run in any process."""


class Groups(LoadScopeScheduling):
    """Assigns a process one group of tests after another."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        name = Path(file).stem
        if folder in TOGETHER and name not in APART:
            return folder
        return SHARING.get(name, file)


def pytest_xdist_make_scheduler(config, log):
    return Groups(config, log)


def pytest_collection_modifyitems(items):
    positions = {folder: position for position, folder in enumerate(FIRST)}
    items.sort(key=lambda item: positions.get(item.nodeid.split("/")[1], len(FIRST)))
