"""The demo, run once to its end; tests look at it and at dry runs over it."""

import pytest
from checkout import Checkout


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A checkout in which the demo has run to its end."""
    checkout = Checkout(tmp_path_factory.mktemp("demo"))
    checkout.snakemake()
    return checkout


@pytest.fixture
def edited(demo, tmp_path):
    """A copy of the finished demo, to edit; results keep their times."""
    return demo.copied(tmp_path / "checkout")
