"""Starting a training in one process, or in several under DeepSpeed ZeRO-2."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
import yaml

from icr.files import identity, remove_work, work_folder, write_json
from icr.training.batch import accumulation
from icr.training.settings import TrainingSettings


def train(
    policy: str | Path,
    pairs: Sequence[str | Path],
    output: str | Path,
    curves: str | Path,
    summary: str | Path,
    settings: TrainingSettings,
    start: str,
    processes: int = 1,
    threads: int = 1,
) -> None:
    """Train from ``policy`` on the pair files and write the new policy to ``output``.

    ``start`` is the starting policy's name, for the model card. Checkpoints lie in the work
    folder of ``output`` until it is complete; a later call with the same inputs goes on from
    the newest. ``threads`` counts CPU threads of all processes together.

    Raises InputError if processes and micro-batch do not divide the global batch, or if no pair
    is left; CalledProcessError if a process of several fails.
    """
    accumulation(settings.global_batch, processes, settings.micro_batch)
    inputs = [identity(policy), *(identity(path) for path in pairs)]
    key = {"settings": asdict(settings), "processes": processes, "inputs": inputs}
    work = work_folder(output, key)
    spec = {
        "policy": str(policy),
        "pairs": [str(path) for path in pairs],
        "output": str(output),
        "curves": str(curves),
        "summary": str(summary),
        "settings": asdict(settings),
        "start": start,
        "processes": processes,
        "threads": max(1, threads // processes),
        "work": str(work),
    }
    if processes == 1:
        from icr.training.run import fit

        fit(spec)
    else:
        _launch(spec, work, settings, processes)
    remove_work(output)


def _launch(spec: dict, work: Path, settings: TrainingSettings, processes: int) -> None:
    """accelerate starts the processes; DeepSpeed shards optimizer states and gradients."""
    on_cpu = not torch.cuda.is_available()
    deepspeed = work / "deepspeed.json"
    write_json(
        {
            "zero_optimization": {"stage": 2},
            "train_micro_batch_size_per_gpu": "auto",
            "train_batch_size": "auto",
            "gradient_accumulation_steps": "auto",
            "gradient_clipping": "auto",
            "bf16": {"enabled": "auto"},
        },
        deepspeed,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    accelerate = work / "accelerate.yaml"
    accelerate.write_text(
        yaml.safe_dump(
            {
                "compute_environment": "LOCAL_MACHINE",
                "distributed_type": "DEEPSPEED",
                "deepspeed_config": {
                    "deepspeed_config_file": str(deepspeed),
                    "zero3_init_flag": False,
                },
                "num_machines": 1,
                "num_processes": processes,
                "main_process_ip": "127.0.0.1",
                "main_process_port": port,
                "use_cpu": on_cpu,
            }
        ),
        encoding="utf-8",
    )
    file = work / "spec.json"
    write_json(spec, file)
    library = Path(__file__).resolve().parents[2]
    binaries = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(library), os.environ.get("PYTHONPATH", "")]),
        "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]]),  # ninja, for DeepSpeed
        "OMP_NUM_THREADS": str(spec["threads"]),
    }
    launcher = [sys.executable, "-m", "accelerate.commands.launch", "--config_file"]
    command = [*launcher, str(accelerate), "-m", "icr.training.run", str(file)]
    subprocess.run(command, env=environment, check=True)
