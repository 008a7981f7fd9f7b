"""A job that cannot use its GPUs stops at once and names the cause."""

import os
import re
import subprocess
from pathlib import Path

import yaml
from refusals import refusal

from icr.models import gpus
from icr.models.gpus import require_gpus

ROOT = Path(__file__).parents[2]


def probed(monkeypatch, stdout, stderr=""):
    """Replace the process that probes the GPUs."""
    result = subprocess.CompletedProcess([], bool(stderr), stdout, stderr)
    monkeypatch.setattr(gpus.subprocess, "run", lambda *_, **__: result)


def test_a_driver_that_is_too_old(monkeypatch):
    """The last line of the output is PyTorch's message about the driver."""
    stderr = "Traceback\nRuntimeError: The NVIDIA driver on your system is too old (found 12040)."
    probed(monkeypatch, "13.0\n", stderr)
    text = refusal(require_gpus, 1)
    assert "holds 1 GPUs and can use 0: RuntimeError: The NVIDIA driver" in text
    assert "found 12040" in text and "CUDA 13.0 needs NVIDIA driver 580 or newer" in text


def test_fewer_gpus_than_the_job_holds(monkeypatch):
    probed(monkeypatch, "12.8\n2\n")
    assert "holds 8 GPUs and can use 2: no more are visible" in refusal(require_gpus, 8)
    require_gpus(2)
    require_gpus(1)


def test_a_probe_without_output(monkeypatch):
    probed(monkeypatch, "", "ModuleNotFoundError: No module named 'torch'")
    assert "No module named 'torch'" in refusal(require_gpus, 1)


def test_a_job_without_gpus_is_not_probed_and_sees_none(monkeypatch):
    monkeypatch.setattr(gpus.subprocess, "run", None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    require_gpus(0)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


def test_every_rule_that_may_hold_gpus_checks_them_first():
    """The cluster's profile lists the rules; `use rule` takes the script of another rule."""
    profile = yaml.safe_load((ROOT / "slurm/config.yaml").read_text())
    text = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    body = r"(?:(?! *rule ).*\n)*?"
    rules = dict(re.findall(rf'^ *rule (\w+):\n{body} *"\.\./scripts/(\w+)\.py"', text, re.M))
    base = {new: old for old, new in re.findall(r"^use rule (\w+) as (\w+) with", text, re.M)}
    for rule in profile["set-resources"]:
        script = (ROOT / f"scripts/{rules[base.get(rule, rule)]}.py").read_text()
        first = "log_to(snakemake.log[0])\nrequire_gpus(snakemake.resources.gpu)\n"
        assert first in script, rule
