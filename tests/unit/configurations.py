"""The shipped configurations, as tests read and change them."""

import yaml

from icr.config import load_config
from icr.storage.project import ROOT
from icr.workflow.study import Study


def raw(name="config"):
    """A shipped configuration before it is checked."""
    return yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))


def shipped(name="config"):
    """The study of a shipped configuration."""
    return Study(load_config(raw(name)))
