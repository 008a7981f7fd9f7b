"""The finished demo, shared by tests that inspect its results and dry runs over it."""

import pytest
from checkout import Checkout


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A checkout in which the demo has finished."""
    checkout = Checkout(tmp_path_factory.mktemp("demo"))
    checkout.snakemake()
    return checkout


@pytest.fixture
def edited(demo, tmp_path):
    """A copy of the finished demo for edits; results keep their modification times."""
    return demo.copied(tmp_path / "checkout")
