"""One training process: reads a specification, trains, and on rank 0 writes the policy."""

import json
import shutil
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from transformers import TrainerCallback

from icr.errors import InputError
from icr.files import replacing, write_json, write_parquet
from icr.models import load_tokenizer
from icr.progress import Progress
from icr.training.batch import accumulation, optimizer_steps
from icr.training.card import model_card
from icr.training.curves import curves
from icr.training.data import kto_rows, read_pairs
from icr.training.settings import TrainingSettings

COMPLETE = "complete"
"""Marks a checkpoint that was written to its end."""


class Watch(TrainerCallback):
    """Prints progress in whole lines, and marks checkpoints that are complete."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start to count."""
        self.progress = Progress(total=state.max_steps, what="optimizer steps")
        self.progress.done = state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Count a step."""
        if state.is_world_process_zero:
            self.progress.step()

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint."""
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).touch()


def newest_checkpoint(work: Path) -> Path | None:
    """The newest complete checkpoint; removes those that a kill left incomplete."""
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    for path in found:
        if not (path / COMPLETE).exists():
            shutil.rmtree(path)
    return next((path for path in reversed(found) if path.exists()), None)


def fit(spec: dict[str, Any]) -> None:
    """Train as specified (icr.training.launch writes the specification)."""
    settings = TrainingSettings(**spec["settings"])
    work, processes = Path(spec["work"]), spec["processes"]
    torch.set_num_threads(spec["threads"])
    started = time.monotonic()
    pairs, dropped = read_pairs(spec["pairs"], settings.max_length)
    examples = len(pairs) * (2 if settings.loss == "kto" else 1)
    steps = optimizer_steps(examples, settings.global_batch, settings.epochs)
    trainer = _trainer(spec, settings, pairs, work)
    if trainer.accelerator.num_processes != processes:
        raise RuntimeError(
            f"{processes} processes were asked for and {trainer.accelerator.num_processes} train"
        )
    checkpoint = newest_checkpoint(work) if trainer.is_world_process_zero() else None
    trainer.accelerator.wait_for_everyone()
    checkpoint = checkpoint or newest_checkpoint(work)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if trainer.state.global_step != steps:
        raise RuntimeError(f"{steps} optimizer steps were due and {trainer.state.global_step} done")
    model = trainer.accelerator.unwrap_model(trainer.model)
    if not trainer.is_world_process_zero():
        return
    table = curves(trainer.state.log_history)
    summary = {
        "pairs": len(pairs),
        "dropped": dropped,
        "steps": steps,
        "processes": processes,
        "accumulation": accumulation(settings.global_batch, processes, settings.micro_batch),
        "seconds": time.monotonic() - started,
        "final": {k: float(v) for k, v in table.iloc[-1].items() if v == v},
        "settings": asdict(settings),
        "versions": {p: version(p) for p in ("torch", "transformers", "trl", "deepspeed")},
    }
    _write(spec, model, table, summary)


def _trainer(spec: dict[str, Any], settings: TrainingSettings, pairs: Any, work: Path) -> Any:
    from transformers import AutoModelForCausalLM

    tokenizer = load_tokenizer(spec["policy"])
    # Single processes keep float32 weights under autocast; DeepSpeed keeps float32 masters itself.
    half = settings.precision == "bfloat16"
    dtype = torch.bfloat16 if half and spec["processes"] > 1 else torch.float32
    model = AutoModelForCausalLM.from_pretrained(
        spec["policy"], dtype=dtype, local_files_only=True
    )
    model.config.use_cache = False
    lora = None
    if settings.lora:
        from peft import LoraConfig

        lora = LoraConfig(
            r=settings.lora["r"],
            lora_alpha=settings.lora["alpha"],
            lora_dropout=settings.lora["dropout"],
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
    common = {
        "output_dir": str(work),
        "per_device_train_batch_size": settings.micro_batch,
        "gradient_accumulation_steps": accumulation(
            settings.global_batch, spec["processes"], settings.micro_batch
        ),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": settings.warmup,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": 1.0,
        "beta": settings.beta,
        "bf16": half,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "max_length": None,
        "precompute_ref_log_probs": True,
        "save_strategy": "steps",
        "save_steps": settings.save_every,
        "save_total_limit": 2,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
    }
    if settings.loss == "kto":
        pairs = kto_rows(pairs, settings.micro_batch, settings.seed)
    # From a file, so that the processes share the cache of reference log-probabilities.
    rows = work / "rows.parquet"
    if not rows.exists():
        write_parquet(pairs, rows)
    data = load_dataset("parquet", data_files=str(rows), cache_dir=str(work / "cache"))["train"]
    given = {
        "model": model,
        "train_dataset": data,
        "processing_class": tokenizer,
        "peft_config": lora,
        "callbacks": [Watch()],
    }
    if settings.loss == "kto":
        from trl import KTOConfig

        from icr.training.kto import UnpairedTrainer

        weights = {
            "desirable_weight": settings.desirable_weight,
            "undesirable_weight": settings.undesirable_weight,
        }
        return UnpairedTrainer(args=KTOConfig(**common, **weights), **given)
    from trl import DPOConfig

    from icr.training.dpo import PairTrainer

    return PairTrainer(args=DPOConfig(**common), nll_weight=settings.nll_weight, **given)


def _write(spec: dict[str, Any], model: Any, table: Any, summary: dict[str, Any]) -> None:
    """The curves, the summary, and last the policy folder."""
    if summary["settings"]["lora"]:
        model = model.merge_and_unload()
    if not all(torch.isfinite(p).all() for p in model.parameters()):
        raise InputError("training ended in weights that are not finite; lower learning_rate")
    model.config.use_cache = True
    with replacing(spec["curves"]) as partial:
        table.to_csv(partial, index=False)
    write_json(summary, spec["summary"])
    output = Path(spec["output"])
    languages = sorted({Path(path).stem for path in spec["pairs"]})
    with replacing(output) as partial:
        partial.mkdir()
        for file in Path(spec["policy"]).iterdir():
            if file.suffix in (".json", ".jinja", ".model", ".txt") and "index" not in file.name:
                shutil.copy(file, partial)
        (partial / "icr_model.json").unlink(missing_ok=True)
        dtype = getattr(torch, summary["settings"]["save_precision"])
        model.to(dtype).save_pretrained(partial)
        card = model_card(output.name, spec["start"], languages, summary)
        (partial / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    fit(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
