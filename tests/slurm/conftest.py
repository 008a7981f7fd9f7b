"""A cluster, and a short run that has finished on it."""

import tempfile

import pytest
from cluster import Cluster, obstacle
from short_run import Site, miniature


@pytest.fixture(scope="session")
def cluster():
    """A running SLURM; tests are skipped, with the reason, where it cannot run."""
    if reason := obstacle():
        pytest.skip(f"no SLURM here: {reason}")
    # munge requires a folder that every user can enter; those of pytest are private.
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, Cluster(folder) as running:
        yield running


@pytest.fixture(scope="session")
def finished(cluster, tmp_path_factory):
    """The short run up to its policy and the oracle's scores; ``seen``: the queue at each second.

    Nothing disturbed it. Tables, figures and the report are left to test_demo_rules.py.
    """
    site = Site(tmp_path_factory.mktemp("finished") / "checkout")
    miniature(site.folder)
    site.seen = site.watched(cluster, "policies", "claims")
    return site
