"""One training process: reads a specification, trains, and writes the policy on rank 0."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import torch

from icr.errors import InputError
from icr.extensions import load_extensions
from icr.scoring.identities import tolerance
from icr.storage.files import atomic_write, read_json, write_csv, write_json
from icr.storage.processes import end_with_parent
from icr.storage.project import versions
from icr.storage.schemas.training import CURVES, SUMMARY
from icr.training.batch import accumulation, optimizer_steps
from icr.training.build import build_trainer
from icr.training.card import model_card
from icr.training.curves import curves
from icr.training.reference import check_reference
from icr.training.settings import TrainingSettings


def fit(spec: dict[str, Any]) -> None:
    """Train as specified (icr.training.launch writes the specification).

    Raises RuntimeError if the number of processes or of optimizer steps is not the expected one,
    and InputError if the trained weights are not finite.
    """
    settings = TrainingSettings(**spec["settings"])
    torch.set_num_threads(spec["threads"])
    datasets.disable_progress_bars()
    started = time.monotonic()
    trainer = build_trainer(spec, settings)
    check_reference(trainer.train_dataset, tolerance(spec["sampled_in"], settings.precision))
    train_all_steps(trainer, spec, settings)
    model = trained_model(trainer, settings)
    if model is not None:
        finish(spec, trainer, model, settings, started, model_card)


def train_all_steps(trainer: Any, spec: dict[str, Any], settings: Any) -> None:
    """Train from the checkpoint, if there is one, to the end.

    Raises RuntimeError if the number of processes or of optimizer steps is not the expected one.
    """
    processes = trainer.accelerator.num_processes
    if processes != spec["processes"]:
        raise RuntimeError(f"expected {spec['processes']} training processes, not {processes}")
    trainer.train(resume_from_checkpoint=spec["checkpoint"])
    steps = optimizer_steps(spec["examples"], settings.global_batch, settings.epochs)
    if trainer.state.global_step != steps:
        raise RuntimeError(f"expected {steps} optimizer steps, not {trainer.state.global_step}")


def finish(
    spec: dict[str, Any],
    trainer: Any,
    model: Any,
    settings: Any,
    started: float,
    card: Callable[..., str],
) -> None:
    """Write the curves, the summary, and last the model's folder.

    ``started`` is when training began, by the monotonic clock. ``card`` writes the model card as
    :func:`icr.training.card.model_card` does.
    """
    processes = spec["processes"]
    table = curves(trainer.state.log_history, trainer.metrics)
    summary = {
        "pairs": spec["pairs"],
        "dropped": spec["dropped"],
        "steps": trainer.state.global_step,
        "processes": processes,
        "accumulation": accumulation(settings.global_batch, processes, settings.micro_batch),
        "seconds": time.monotonic() - started,
        "resumed": spec["checkpoint"] is not None,
        "final": {k: float(v) for k, v in table.iloc[-1].items() if v == v},
        "settings": settings.stated(),
        "versions": versions("torch", "transformers", "trl", "accelerate", "peft", "deepspeed"),
    }
    write_csv(table, spec["curves"], CURVES)
    write_json(summary, spec["summary"], SUMMARY)
    _write(spec, model, card(Path(spec["output"]).name, spec["made"], spec["files"], summary))


def trained_model(trainer: Any, settings: Any) -> Any:
    """The trained model, adapters merged, in the precision to be saved; None except on rank 0."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    masters: dict[str, torch.Tensor] = {}
    if trainer.is_deepspeed_enabled and (settings.save_precision == "float32" or settings.lora):
        # The model has rounded weights; DeepSpeed keeps the float32 weights in shards.
        from deepspeed.utils import safe_get_full_fp32_param

        for name, weight in model.named_parameters():
            if weight.requires_grad:
                whole = safe_get_full_fp32_param(weight)
                if trainer.is_world_process_zero():
                    masters[name] = whole.cpu()
    if not trainer.is_world_process_zero():
        return None
    if masters:
        model = model.cpu().float()
        for name, weight in model.named_parameters():
            if name in masters:
                weight.data.copy_(masters[name])
    if settings.lora:
        model = model.float().merge_and_unload()
    if not all(torch.isfinite(weight).all() for weight in model.parameters()):
        raise InputError("the trained weights are not finite; lower learning_rate")
    return model.to(getattr(torch, settings.save_precision))


def _write(spec: dict[str, Any], model: Any, card: str) -> None:
    """Write the model's folder, with the tokenizer of the model that it was trained from."""
    output, policy = Path(spec["output"]), Path(spec["policy"])
    model.config.use_cache = True
    with atomic_write(output) as partial:
        model.save_pretrained(partial)
        kept = {"config.json", "model.safetensors.index.json", "icr_model.json"}
        for file in policy.iterdir():
            if file.suffix in (".json", ".jinja", ".model", ".txt") and file.name not in kept:
                shutil.copy(file, partial)
        (partial / "README.md").write_text(card, encoding="utf-8")


def as_process(fit: Callable[[dict[str, Any]], None]) -> None:
    """Train as one of several processes, by the specification that the command line names."""
    end_with_parent()
    if not torch.cuda.is_available():
        from deepspeed import ops

        # Else DeepSpeed compiles an all-reduce of its own for CPUs, which takes minutes the first
        # time; only its inference uses it.
        ops.__compatible_ops__["deepspeed_shm_comm"] = False
    specification = read_json(sys.argv[1])
    load_extensions(specification["extensions"])
    fit(specification)
    # Threads of torch and DeepSpeed can abort the process while Python shuts down, so that a
    # finished training would count as failed: exit without that shutdown.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    as_process(fit)
