"""What files share: a small model that a package ships, and processes that start quickly."""

from multiprocessing import get_context

import aligned
import pytest

from icr.models.gguf import convert_gguf


@pytest.fixture(scope="session")
def smollm2(tmp_path_factory):
    """The folder of SmolLM2, converted from its GGUF file as by the workflow's ``gguf`` source."""
    folder = tmp_path_factory.mktemp("models") / "smollm2"
    convert_gguf(aligned.SMOLLM2, folder)
    return folder


@pytest.fixture(scope="session")
def forking():
    """A multiprocessing context whose processes fork from one that has imported torch.

    Python has one such server for all tests that use it, so it imports only third-party packages.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(["torch", "transformers.models.llama.modeling_llama", "pandas"])
    return context
