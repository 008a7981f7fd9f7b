"""Batch arithmetic, known before anything starts."""

import math

from icr.errors import InputError


def accumulation(global_batch: int, processes: int, micro_batch: int) -> int:
    """Gradient accumulation steps that make up the global batch.

    Raises InputError if processes and micro-batch do not divide it.
    """
    at_once = processes * micro_batch
    if global_batch % at_once:
        fitting = [m for m in range(1, global_batch + 1) if global_batch % (processes * m) == 0]
        right = (
            f"a micro_batch of {', '.join(map(str, fitting))} would be"
            if fitting
            else f"training_processes must divide {global_batch}"
        )
        raise InputError(
            f"global_batch {global_batch} is no multiple of training_processes {processes} "
            f"x micro_batch {micro_batch}; {right}"
        )
    return global_batch // at_once


def optimizer_steps(examples: int, global_batch: int, epochs: int) -> int:
    """Optimizer steps of a training; the last batch of an epoch may be smaller."""
    return math.ceil(examples / global_batch) * epochs


def padding(examples: int, processes: int, micro_batch: int) -> int:
    """Empty rows that fill up the last micro-batches of an epoch, so that all are alike.

    Without them the data loader repeats pairs until every process has as many as the others.
    """
    return -examples % (processes * micro_batch)
