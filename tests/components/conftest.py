"""A small model that a package ships, shared by tests that read it."""

import aligned
import pytest

from icr.models.gguf import convert_gguf


@pytest.fixture(scope="session")
def smollm2(tmp_path_factory):
    """The folder of SmolLM2, converted from its GGUF file as by the workflow's ``gguf`` source."""
    folder = tmp_path_factory.mktemp("models") / "smollm2"
    convert_gguf(aligned.SMOLLM2, folder)
    return folder
