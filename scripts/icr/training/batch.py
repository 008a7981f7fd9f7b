"""Batch arithmetic, computed before a training starts."""

import math

from icr.errors import InputError


def accumulation(global_batch: int, processes: int, micro_batch: int) -> int:
    """Gradient accumulation steps of a global batch.

    Raises InputError if processes and micro-batch do not divide it.
    """
    rows = processes * micro_batch
    if global_batch % rows:
        fitting = [m for m in range(1, global_batch + 1) if global_batch % (processes * m) == 0]
        remedy = (
            f"set micro_batch to one of {', '.join(map(str, fitting))}"
            if fitting
            else f"training_processes must divide {global_batch}"
        )
        raise InputError(
            f"global_batch {global_batch} is not a multiple of training_processes {processes} "
            f"x micro_batch {micro_batch}; {remedy}"
        )
    return global_batch // rows


def optimizer_steps(examples: int, global_batch: int, epochs: int) -> int:
    """Optimizer steps of a training; the last batch of an epoch may be smaller."""
    return math.ceil(examples / global_batch) * epochs


def padding(examples: int, processes: int, micro_batch: int) -> int:
    """Empty rows that fill the last micro-batches of an epoch, so that all have the same size.

    Without them the data loader would repeat pairs until all processes have equally many.
    """
    return -examples % (processes * micro_batch)
