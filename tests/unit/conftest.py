"""Fixtures for tests of several files."""

import pytest


@pytest.fixture
def fresh_registries(monkeypatch):
    """Undo whatever a test registers or imports as an extension."""
    from icr import extensions
    from icr.evaluation.judged import JUDGED
    from icr.pairing import PAIRINGS
    from icr.rewards import REWARDS
    from icr.training.losses import LOSSES
    from icr.workflow.fingerprint.modules import parse

    for registry in (JUDGED, LOSSES, PAIRINGS, REWARDS):
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    monkeypatch.setattr(extensions, "_loaded", {})
    parse.cache_clear()
