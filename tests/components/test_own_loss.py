"""A loss from one file outside the library trains a policy, as docs/extending.md tells it."""

import os
import subprocess
import sys

import pytest
import torch
from test_training import BASE, ROOT, by_hand, logp, read, same_weights, write_pairs
from tiny import tiny_folder
from torch.nn import functional as F  # noqa: N812
from transformers import AutoModelForCausalLM

from icr.training.data import IDS, read_pairs
from icr.training.exact import PaddedShuffle

TOY = ROOT / "tests" / "extensions" / "toy_loss.py"


def test_a_loss_of_ones_own_trains_as_it_says(tmp_path):
    """Two steps through the rule's script: each step's loss and the final weights by hand."""
    start = tiny_folder(tmp_path / "start", initializer_range=0.1)
    AutoModelForCausalLM.from_pretrained(start).generation_config.save_pretrained(start)
    file = write_pairs(tmp_path / "en.parquet", 8)
    out = tmp_path / "out"
    changes = {"loss": "simpo", "loss_settings": {"gamma": 1.5}, "beta": 2.0, "warmup": 0.0}
    code = f"""
import runpy
from types import SimpleNamespace as N
snakemake = N(
    input=N(policy={str(start)!r}, pairs={str(file)!r}),
    output=N(policy={str(out / "policy")!r}, curves={str(out / "curves.csv")!r},
             summary={str(out / "summary.json")!r}),
    params=N(training={ {**BASE, **changes}!r}, processes=1, made={{"start": "start"}},
             sampled_in="float32"),
    resources=N(gpu=0, checkpoint_minutes=30), threads=1, log=[{str(tmp_path / "log")!r}],
    config={{"extensions": [{str(TOY)!r}]}},
)
runpy.run_path({str(ROOT / "scripts" / "train.py")!r}, {{"snakemake": snakemake}})
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    ended = subprocess.run([sys.executable, "-c", code], env=environment)
    assert ended.returncode == 0, (tmp_path / "log").read_text()
    weights, curves, summary = read(out)

    gaps = []

    def simpo(model, batch):
        of_batch = []
        for prompt, chosen, rejected in batch:
            each = [logp(model, prompt, ids) / len(ids) for ids in (chosen, rejected)]
            of_batch.append(2.0 * (each[0] - each[1]) - 1.5)
        gaps.append(sum(of_batch).item() / len(of_batch))
        return torch.stack([-F.logsigmoid(gap) for gap in of_batch]).mean()

    rows = list(read_pairs([file], None)[0][IDS].itertuples(index=False))
    order = list(PaddedShuffle(8, 8, BASE["seed"], lambda: 0))
    batches = [[rows[i] for i in order[at : at + 4]] for at in (0, 4)]
    model, losses = by_hand(start, batches, simpo, BASE["learning_rate"], 0.0)
    assert curves["loss"].tolist() == pytest.approx(losses, abs=2e-5)
    assert curves["gap"].tolist() == pytest.approx(gaps, abs=2e-5), "what the loss reports"
    assert curves["nll"].isna().all()
    same_weights(weights, model)
    assert summary["settings"]["loss_settings"] == {"gamma": 1.5}
