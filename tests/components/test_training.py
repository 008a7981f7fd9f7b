"""Training against plain torch: losses, steps, resuming, LoRA, KTO and two processes."""

import fcntl
import json
import math
import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file
from tiny import tiny_folder
from torch.nn import functional as F  # noqa: N812
from transformers import AutoModelForCausalLM, AutoTokenizer

from icr.errors import InputError
from icr.training import run
from icr.training.data import IDS, kto_rows, read_pairs
from icr.training.exact import PaddedShuffle
from icr.training.launch import train
from icr.training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
BASE = {
    "learning_rate": 1e-2,
    "global_batch": 4,
    "micro_batch": 4,
    "warmup": 0.2,
    "precision": "float32",
    "save_precision": "float32",
    "gradient_checkpointing": False,
    "seed": 3,
}


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    folder = tiny_folder(tmp_path_factory.mktemp("start") / "policy", initializer_range=0.1)
    AutoModelForCausalLM.from_pretrained(folder).generation_config.save_pretrained(folder)
    return folder


def write_pairs(path, count, seed=0, ended=True, most=9):
    """Pairs of unequal lengths; every third rejected response was cut off."""
    draw = random.Random(seed)

    def ids(least, most):
        return [draw.randrange(5, 261) for _ in range(draw.randint(least, most))]

    rows = [
        {
            "id": str(number),
            "language": path.stem,
            "prompt": "?",
            "chosen": "+",
            "rejected": "-",
            "prompt_ids": [1, *ids(2, 6)],
            "chosen_ids": ids(1, most) + [2] * ended,
            "rejected_ids": ids(1, most) + [2] * (ended and number % 3 > 0),
            "chosen_reward": 1.0,
        }
        for number in range(count)
    ]
    pd.DataFrame(rows).to_parquet(path)
    return path


@pytest.fixture
def trained(tmp_path, start):
    """Trains into a folder of its own; returns the weights, the curves and the summary."""

    def go(pairs, name="out", processes=1, checkpoint_minutes=30, **changes):
        settings = TrainingSettings(**{**BASE, **changes})
        out = tmp_path / name
        files = pairs if isinstance(pairs, list) else [pairs]
        tables = (out / "curves.csv", out / "summary.json")
        made = {"start": "start", "languages": ["no", "de"]}
        train(start, files, out / "policy", *tables, settings, made, processes,
              checkpoint_minutes=checkpoint_minutes)  # fmt: skip
        return read(out)

    return go


def same_curves(one, two):
    """Equal but for rounding; whether a margin of 0 counts as right is rounding too."""
    columns = [c for c in one if one[c].notna().all() and c != "accuracy"]
    pd.testing.assert_frame_equal(one[columns], two[columns], atol=1e-4, rtol=1e-4)


def read(out):
    return (
        load_file(out / "policy" / "model.safetensors"),
        pd.read_csv(out / "curves.csv"),
        json.loads((out / "summary.json").read_text()),
    )


def logp(model, prompt, response):
    """Σ log π of one response, without padding, in whatever precision the model has."""
    ids = torch.tensor([[*prompt, *response]])
    tables = torch.log_softmax(model(input_ids=ids).logits[0, :-1], dim=-1)
    return tables.gather(1, ids[0, 1:, None])[len(prompt) - 1 :].sum()


def by_hand(start, batches, loss_of, learning_rate, warmup):
    """AdamW, cosine schedule and clipping in float64 with nothing but torch."""
    model = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0, betas=(0.9, 0.999), weight_decay=0.0)
    losses, warm = [], math.ceil(warmup * len(batches))
    for step, batch in enumerate(batches):
        loss = loss_of(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        angle = math.pi * (step - warm) / max(1, len(batches) - warm)
        share = step / warm if step < warm else (1 + math.cos(angle)) / 2
        optimizer.param_groups[0]["lr"] = learning_rate * share
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return model, losses


def same_weights(found, model, tolerance=2e-4):
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(
            found[name].double(), weight.double(), atol=tolerance, rtol=0, msg=name
        )


@pytest.mark.parametrize(("nll_weight", "micro_batch"), [(1.0, 2), (0.0, 4)])
def test_training_is_equation_11_by_hand(tmp_path, start, trained, nll_weight, micro_batch):
    """Two epochs of 4 + 4 + 3 pairs: each step's loss and the final weights."""
    file = write_pairs(tmp_path / "en.parquet", 11)
    settings = {"nll_weight": nll_weight, "micro_batch": micro_batch, "epochs": 2, "beta": 0.3}
    weights, curves, summary = trained(file, **settings)
    pairs, _ = read_pairs([file], None)
    rows = list(pairs[IDS].itertuples(index=False))
    reference = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float64)

    def equation_11(model, batch):
        losses = []
        for prompt, chosen, rejected in batch:
            new = [logp(model, prompt, chosen), logp(model, prompt, rejected)]
            with torch.no_grad():
                old = [logp(reference, prompt, chosen), logp(reference, prompt, rejected)]
            gap = (new[0] - old[0]) - (new[1] - old[1])
            losses.append(-nll_weight * new[0] / len(chosen) - F.logsigmoid(0.3 * gap))
        return sum(losses) / len(losses)

    batches = []
    for epoch in range(2):
        order = list(PaddedShuffle(11, 11, BASE["seed"], lambda: epoch))  # noqa: B023
        batches += [[rows[i] for i in order[at : at + 4]] for at in (0, 4, 8)]
    model, losses = by_hand(start, batches, equation_11, BASE["learning_rate"], BASE["warmup"])
    assert curves["loss"].tolist() == pytest.approx(losses, abs=2e-5)
    same_weights(weights, model)
    means = [sum(len(row.chosen_ids) for row in batch) / len(batch) for batch in batches]
    assert curves["chosen_length"].tolist() == pytest.approx(means), "no token gained or lost"
    assert curves["step"].tolist() == list(range(1, 7))
    assert (summary["pairs"], summary["steps"]) == (11, 6)
    assert summary["accumulation"] == 4 // micro_batch


def test_micro_batches_and_accumulation_do_not_matter(tmp_path, trained):
    file = write_pairs(tmp_path / "en.parquet", 10)
    whole, one, _ = trained(file, "whole")
    parts, two, _ = trained(file, "parts", micro_batch=1)
    same_curves(one, two)
    torch.testing.assert_close(whole, parts, atol=1e-4, rtol=0)


def test_a_cut_off_response_gains_no_end_token(tmp_path, start, trained):
    file = write_pairs(tmp_path / "en.parquet", 4, ended=False)
    _, curves, _ = trained(file)
    pairs, _ = read_pairs([file], None)
    model = AutoModelForCausalLM.from_pretrained(start)
    for side in ("chosen", "rejected"):
        ids = pairs[f"{side}_ids"]
        assert not any(2 in row for row in ids)
        expected = [logp(model, p, r).item() for p, r in zip(pairs["prompt_ids"], ids, strict=True)]
        assert curves[f"{side}_logp"][0] == pytest.approx(sum(expected) / 4, abs=1e-4)
        assert curves[f"{side}_length"][0] == ids.map(len).mean()


def test_kto_is_equation_16_by_hand(tmp_path, start, trained):
    """22 responses in steps of 8 + 8 + 6, micro-batches of 4, the last one padded."""
    file = write_pairs(tmp_path / "en.parquet", 11)
    weights, curves, summary = trained(
        file, loss="kto", global_batch=8, desirable_weight=1.5, undesirable_weight=0.1
    )
    pairs, _ = read_pairs([file], None)
    rows = list(kto_rows(pairs, BASE["seed"]).itertuples(index=False))
    reference = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float64)

    def ratio(model, prompt, response):
        with torch.no_grad():
            old = logp(reference, prompt, response)
        return logp(model, prompt, response) - old

    def equation_16(model, batch):
        losses = []
        with torch.no_grad():
            shifted = [ratio(model, r.prompt_ids, r.KL_completion_ids) for r in batch]
        z = max(0.0, float(sum(shifted) / len(shifted)))
        for row in batch:
            gap = ratio(model, row.prompt_ids, row.completion_ids) - z
            value = torch.sigmoid(0.1 * (gap if row.label else -gap))
            losses.append((1.5 if row.label else 0.1) * (1 - value))
        return sum(losses) / len(losses)

    batches = [rows[at : at + 8] for at in (0, 8, 16)]
    model, losses = by_hand(start, batches, equation_16, BASE["learning_rate"], BASE["warmup"])
    assert curves["loss"].tolist() == pytest.approx(losses, abs=1e-5)
    same_weights(weights, model)
    assert curves["kl"].max() > 0.05, "else the KL term is not tested"
    assert (summary["pairs"], summary["steps"]) == (11, 3)


def test_the_kto_loss_does_not_depend_on_micro_batches(tmp_path, trained):
    """The KL term, too, is a mean over the whole optimizer step: 8 + 8 + 6 responses."""
    file = write_pairs(tmp_path / "en.parquet", 11)
    # Small steps: what is compared is the loss, not how rounding grows through the weights.
    settings = {"loss": "kto", "global_batch": 8, "learning_rate": 1e-3, "warmup": 0.0}
    settings |= {"beta": 0.5, "undesirable_weight": 0.1}
    _, whole, _ = trained(file, "whole", micro_batch=8, **settings)
    _, parts, summary = trained(file, "parts", micro_batch=2, **settings)
    assert summary["accumulation"] == 4 and whole["kl"].iloc[1:].min() > 0.05
    for column in ("loss", "kl"):
        assert parts[column].tolist() == pytest.approx(whole[column].tolist(), abs=1e-6), column


def test_the_policy_folder_is_whole(tmp_path, start, trained):
    first = write_pairs(tmp_path / "no.parquet", 4)
    second = write_pairs(tmp_path / "de.parquet", 4, seed=1)
    weights, _, summary = trained([first, second], max_length=14, save_precision="bfloat16")
    out = tmp_path / "out"
    sizes = pd.concat(map(pd.read_parquet, (first, second)))[
        ["prompt_ids", "chosen_ids", "rejected_ids"]
    ].map(len)
    longest = sizes["prompt_ids"] + sizes[["chosen_ids", "rejected_ids"]].max(axis=1)
    assert 0 < summary["dropped"] == (longest > 14).sum()
    assert summary["pairs"] == 8 - summary["dropped"]
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}
    policy = AutoModelForCausalLM.from_pretrained(out / "policy")
    assert policy.dtype == torch.bfloat16 and policy.config.use_cache
    for name in ("generation_config.json", "tokenizer.json", "chat_template.jinja"):
        assert (out / "policy" / name).read_bytes() == (start / name).read_bytes()
    assert AutoTokenizer.from_pretrained(out / "policy").chat_template
    _, header, text = (out / "policy" / "README.md").read_text().split("---\n", 2)
    assert yaml.safe_load(header)["language"] == ["de", "no"]
    assert "`start`" in text and str(first) in text and "| beta | 0.1 |" in text
    assert sorted(p.name for p in out.iterdir()) == ["curves.csv", "policy", "summary.json"]


def test_lora_is_merged_into_a_full_model(tmp_path, start, trained):
    file = write_pairs(tmp_path / "en.parquet", 8)
    lora = {"r": 2, "alpha": 4, "dropout": 0.0}
    weights, curves, _ = trained(file, lora=lora)
    before = load_file(start / "model.safetensors")
    assert weights.keys() == before.keys()
    changed = {name for name in weights if not torch.equal(weights[name], before[name])}
    assert changed == {name for name in weights if "proj" in name}
    policy = AutoModelForCausalLM.from_pretrained(tmp_path / "out" / "policy")
    torch.testing.assert_close(
        dict(policy.state_dict())["lm_head.weight"], before["lm_head.weight"]
    )
    assert curves["loss"].iloc[0] == pytest.approx(trained(file, "full")[1]["loss"].iloc[0])
    other, _, _ = trained(file, "dropout", lora={**lora, "dropout": 0.5})
    assert any(not torch.equal(other[name], weights[name]) for name in changed)


def test_bfloat16_and_checkpointing_work_and_save_what_was_asked(tmp_path, trained):
    file = write_pairs(tmp_path / "en.parquet", 8)
    _, exact, _ = trained(file)
    changes = {"precision": "bfloat16", "gradient_checkpointing": True, "learning_rate": 1e-5}
    weights, rounded, _ = trained(file, "half", **changes)
    assert rounded["loss"].iloc[0] == pytest.approx(exact["loss"].iloc[0], rel=0.01)
    assert any((weight != weight.bfloat16().float()).any() for weight in weights.values())


def test_steps_and_world_size_are_asserted(tmp_path, trained, start, monkeypatch):
    file = write_pairs(tmp_path / "en.parquet", 4)
    with monkeypatch.context() as patch:
        patch.setattr(run, "optimizer_steps", lambda *_: 7)
        with pytest.raises(RuntimeError, match="expected 7 optimizer steps, not 1"):
            trained(file)
    assert not (tmp_path / "out" / "policy").exists()
    (work,) = (tmp_path / "out" / ".policy.work").iterdir()
    spec = {
        "policy": str(start),
        "rows": str(work / "rows.arrow"),
        "work": str(work),
        "examples": 4,
        "processes": 2,
        "threads": 1,
        "checkpoint": None,
        "checkpoint_minutes": 30,
        "sampled_in": "float32",
        "settings": asdict(TrainingSettings(**{**BASE, "micro_batch": 2})),
    }
    with pytest.raises(RuntimeError, match="expected 2 training processes, not 1"):
        run.fit(spec)


def test_bad_input_is_refused(tmp_path, trained):
    file = write_pairs(tmp_path / "en.parquet", 16)
    with pytest.raises(InputError, match="set micro_batch to one of 1, 2, 4"):
        trained(file, micro_batch=3)
    with pytest.raises(InputError, match="is nan at step .* lower learning_rate"):
        trained(file, learning_rate=1e30)
    (work,) = (tmp_path / "out" / ".policy.work").iterdir()
    with (work / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another process still trains"):
            trained(file, learning_rate=1e30)


KILLED = """
import json, os, signal, sys
from pathlib import Path
from icr.training import run
from icr.training.dpo import PairTrainer
from icr.training.launch import train
from icr.training.settings import TrainingSettings

moment, arguments, settings = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def at(cls, name, step):
    method = getattr(cls, name)
    def wrapped(self, *a, **k):
        if step is None or self.state.global_step == step:
            die()
        return method(self, *a, **k)
    setattr(cls, name, wrapped)

if moment == "reference":
    at(PairTrainer, "_get_train_sampler", None)
if moment == "writing a checkpoint":  # the weights are written, the optimizer is not
    at(PairTrainer, "_save_optimizer_and_scheduler", 4)
if moment == "in a step":
    at(PairTrainer, "_compute_loss", 5)
if moment == "writing the policy":
    run.model_card = die
train(*arguments, TrainingSettings(**settings), {"start": "start"}, checkpoint_minutes=0)
"""


def test_a_killed_training_ends_in_the_same_weights_and_curves(tmp_path, start, trained):
    """Killed in turn after the reference pass, inside a checkpoint, in a step, at the end."""
    file = write_pairs(tmp_path / "en.parquet", 11)
    changes = {"epochs": 2, "global_batch": 3, "micro_batch": 1}
    undisturbed = trained(file, **changes)
    out = tmp_path / "killed"
    files = [start, [file], out / "policy", out / "curves.csv", out / "summary.json"]
    arguments = json.dumps([[str(f) for f in a] if isinstance(a, list) else str(a) for a in files])
    settings = {**BASE, **changes}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "OMP_NUM_THREADS": "1"}
    kept = []
    for moment in ("reference", "writing a checkpoint", "in a step", "writing the policy"):
        command = [sys.executable, "-c", KILLED, moment, arguments, json.dumps(settings)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert ended.returncode == -9, ended.stderr
        assert not (out / "policy").exists()
        (work,) = (out / ".policy.work").iterdir()
        names = (path.name for path in work.glob("checkpoint-*"))
        kept.append(sorted(names, key=lambda name: int(name.split("-")[1])))
    assert kept[:2] == [[], ["checkpoint-3", "checkpoint-4"]], "the newest, and one begun"
    assert kept[2:] == [["checkpoint-5"], ["checkpoint-7"]], "the newest; none at the end"
    train(*files, TrainingSettings(**settings), {"start": "start"})
    weights, curves, summary = read(out)
    assert summary["resumed"]
    for name, weight in undisturbed[0].items():
        assert torch.equal(weight, weights[name]), name
    pd.testing.assert_frame_equal(undisturbed[1], curves, check_exact=True)
    assert not (out / ".policy.work").exists()


def test_two_processes_of_the_entry_script_equal_one(tmp_path, start, trained):
    """ZeRO-2 over 11 pairs in steps of 4 + 4 + 3; the log catches the launched processes."""
    file = write_pairs(tmp_path / "en.parquet", 11)
    weights, curves, _ = trained(file, micro_batch=2)
    out = tmp_path / "two"
    code = f"""
import runpy
from types import SimpleNamespace as N
snakemake = N(
    input=N(policy={str(start)!r}, pairs=[{str(file)!r}]),
    output=N(policy={str(out / "policy")!r}, curves={str(out / "curves.csv")!r},
             summary={str(out / "summary.json")!r}),
    params=N(training={ {**BASE, "micro_batch": 1}!r}, processes=2, made={{"start": "start"}},
             sampled_in="float32"),
    resources=N(gpu=0, checkpoint_minutes=0), threads=2, log=[{str(tmp_path / "log")!r}],
    config={{"extensions": []}},
)
runpy.run_path({str(ROOT / "scripts" / "train.py")!r}, {{"snakemake": snakemake}})
"""
    extensions = tmp_path / "extensions"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    environment |= {"TORCH_EXTENSIONS_DIR": str(extensions)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    log = (tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""
    assert ended.returncode == 0, log + ended.stderr.decode()
    assert not ended.stdout and not ended.stderr
    assert "step 3/3: loss " in log and "\r" not in log
    assert not extensions.exists(), "something was compiled"
    sharded, table, summary = read(out)
    assert summary["processes"] == 2 and summary["accumulation"] == 2
    same_curves(curves, table)
    torch.testing.assert_close(sharded, weights, atol=1e-4, rtol=0)


def test_deepspeed_keeps_the_reference_exact_and_float32_weights(tmp_path, trained):
    """Rounded to bfloat16, log-probabilities of some -300 nats would be off by half a nat."""
    file = write_pairs(tmp_path / "en.parquet", 8, most=150)
    changes = {"micro_batch": 2, "precision": "bfloat16", "beta": 1.0, "learning_rate": 1e-5}
    weights, curves, _ = trained(file, processes=2, **changes)
    assert curves["chosen_logp"][0] < -250
    assert curves[["chosen_reward", "rejected_reward", "margin"]].abs().loc[0].max() < 0.1
    assert any((weight != weight.bfloat16().float()).any() for weight in weights.values())


def test_micro_batches_of_all_processes_are_summed_in_float32(tmp_path, trained):
    """One pair over and over: a step of 64 and one of 2 have the same gradient.

    Summed in bfloat16, 32 equal parts would come out as something else.
    """
    file = write_pairs(tmp_path / "en.parquet", 1)
    pd.concat([pd.read_parquet(file)] * 66).to_parquet(file)
    changes = {"micro_batch": 1, "global_batch": 64, "learning_rate": 1e-30, "warmup": 0.0}
    _, curves, _ = trained(file, processes=2, precision="bfloat16", **changes)
    assert curves["grad_norm"][0] > 0.1
    assert curves["grad_norm"][0] == pytest.approx(curves["grad_norm"][1], rel=1e-5)
