"""A cluster, and a short run that has ended on it."""

import tempfile

import pytest
from cluster import Cluster, obstacle
from short_run import Site, miniature


@pytest.fixture(scope="session")
def cluster():
    """SLURM, running; skipped, saying so, where it cannot be."""
    if reason := obstacle():
        pytest.skip(f"no SLURM here: {reason}")
    # munge wants a folder that all may enter, and the folders of pytest are private.
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, Cluster(folder) as running:
        yield running


@pytest.fixture(scope="session")
def finished(cluster, tmp_path_factory):
    """The short run at its undisturbed end; ``seen`` is what the queue showed meanwhile."""
    site = Site(tmp_path_factory.mktemp("finished") / "checkout")
    miniature(site.folder)
    site.seen = site.watched(cluster)
    return site
