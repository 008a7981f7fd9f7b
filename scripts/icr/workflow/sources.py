"""The sources of the plan's minutes: measurements, and rates for all else."""

import textwrap
from collections.abc import Iterable

from icr.cluster.measurement import WORK
from icr.workflow.rates import A100, THREAD, WAITING_SOURCE, Rate, waiting
from icr.workflow.resources import BATCHING, PROMPT, SHARE
from icr.workflow.work import Work

WIDTH = 100
"""Characters of a line on the terminal."""


def sources(work: Work) -> list[str]:
    """Lines that name the measurements, and for all else each number with its source."""
    lines = ["Minutes follow from:"]
    estimated = []
    for kind in WORK:
        path = work.calibration_file(kind)
        measured = work.site.fitting(kind, work.measured_with(kind))
        if measured:
            lines += _wrapped(
                f"{kind}: measured, {measured.tokens_per_second:,.0f} tokens/s with "
                f"{measured.model} on {measured.name} after {measured.start_seconds:.0f} s ({path})"
            )
            continue
        estimated.append(kind)
        if kind in work.site.measured:
            lines += _wrapped(
                f"{kind}: estimated; {path} was measured with other settings: run `calibrate` again"
            )
        else:
            lines += _wrapped(f"{kind}: estimated, not measured; `calibrate` measures it ({path})")
    speed = f", {work.site.speed:g} times as fast" if work.site.speed != 1 else ""
    machine = f"an A100 with 80 GB{speed} (compute.speed)" if work.site.gpus else "a CPU thread"
    lines.append(f"Estimates take for {machine}:")
    for rate in _used(work, estimated):
        lines += _wrapped(f"{rate.shown}: {rate.meaning}. Source: {rate.source}")
    if "training" in estimated and work.site.gpus:
        factor = waiting(BATCHING, work.site.processes)
        lines += _wrapped(
            f"{factor:.2f} times the time of a training step, because {work.site.processes} "
            f"processes wait for the slowest ({BATCHING} batches). Source: {WAITING_SOURCE}"
        )
    lines += _wrapped(
        f"{PROMPT} tokens a prompt, and {SHARE:.0%} of the token limit a response. Source: assumed"
    )
    return lines


def _used(work: Work, estimated: list[str]) -> Iterable[Rate]:
    """The rates that size a configuration's jobs, without repetition."""
    config = work.config
    if not work.site.gpus:
        return list(THREAD.values())
    names = {"sampling": ["decode", "bandwidth", "engine"], "training": ["training", "launch"]}
    names["scoring"] = [config.scoring.precision]
    used = [name for kind in estimated for name in names[kind]]
    if config.evaluation.nlp:
        used.append(config.evaluation.nlp.dtype)
    if config.scoring.checks:
        used.append("float64" if config.scoring.precision == "float32" else "float32")
    rates = {A100[name].meaning: A100[name] for name in [*used, "libraries", "disk"]}
    return list(rates.values())


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
    )
