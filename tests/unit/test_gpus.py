"""A job that holds GPUs and cannot use them stops at once and says why."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from icr.errors import InputError
from icr.models import gpus
from icr.models.gpus import require_gpus

ROOT = Path(__file__).parents[2]


def probed(monkeypatch, stdout, stderr=""):
    """Stand in for the process that tries the GPUs."""
    result = subprocess.CompletedProcess([], bool(stderr), stdout, stderr)
    monkeypatch.setattr(gpus.subprocess, "run", lambda *_, **__: result)


def refused(count):
    with pytest.raises(InputError) as caught:
        require_gpus(count)
    return str(caught.value)


def test_a_driver_that_is_too_old(monkeypatch):
    """The last line is what PyTorch says of such a driver."""
    said = "Traceback\nRuntimeError: The NVIDIA driver on your system is too old (found 12040)."
    probed(monkeypatch, "13.0\n", said)
    text = refused(1)
    assert "holds 1 GPUs and can use 0: RuntimeError: The NVIDIA driver" in text
    assert "found 12040" in text and "CUDA 13.0 needs NVIDIA driver 580 or newer" in text


def test_fewer_than_the_job_holds(monkeypatch):
    probed(monkeypatch, "12.8\n2\n")
    assert "holds 8 GPUs and can use 2: no more are visible" in refused(8)
    require_gpus(2)
    require_gpus(1)


def test_a_probe_that_says_nothing(monkeypatch):
    probed(monkeypatch, "", "ModuleNotFoundError: No module named 'torch'")
    assert "No module named 'torch'" in refused(1)


def test_a_job_on_cpus_is_not_asked(monkeypatch):
    monkeypatch.setattr(gpus.subprocess, "run", None)
    require_gpus(0)


def test_every_rule_that_may_hold_gpus_checks_them_first():
    """Those that the cluster's profile lists; a rule made by `use rule` has another's script."""
    profile = yaml.safe_load((ROOT / "slurm/config.yaml").read_text())
    text = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    body = r"(?:(?! *rule ).*\n)*?"
    rules = dict(re.findall(rf'^ *rule (\w+):\n{body} *"\.\./scripts/(\w+)\.py"', text, re.M))
    base = {new: old for old, new in re.findall(r"^use rule (\w+) as (\w+) with", text, re.M)}
    for rule in profile["set-resources"]:
        script = (ROOT / f"scripts/{rules[base.get(rule, rule)]}.py").read_text()
        first = "log_to(snakemake.log[0])\nrequire_gpus(snakemake.resources.gpu)\n"
        assert first in script, rule
