"""Where the plan's minutes come from, for the plan: measurements, and the rates of the rest."""

import textwrap
from collections.abc import Iterable

from icr.cluster.measurement import WORK
from icr.workflow.jobs import Jobs
from icr.workflow.rates import A100, THREAD, WAITING_SOURCE, Rate, waiting
from icr.workflow.resources import BATCHING, PROMPT, SHARE

WIDTH = 100
"""Of the terminal."""


def sources(jobs: Jobs) -> list[str]:
    """Lines that say what is measured, and for the rest each number with its source."""
    lines = ["Minutes follow from:"]
    estimated = []
    for work in WORK:
        path = jobs.calibration_file(work)
        measured = jobs.site.fitting(work, jobs.measured_with(work))
        if measured:
            lines += _wrapped(
                f"{work}: measured, {measured.tokens_per_second:,.0f} tokens/s with "
                f"{measured.model} on {measured.name} after {measured.start_seconds:.0f} s ({path})"
            )
            continue
        estimated.append(work)
        if work in jobs.site.measured:
            lines += _wrapped(
                f"{work}: estimated; {path} was measured with other settings: run `calibrate` again"
            )
        else:
            lines += _wrapped(f"{work}: estimated, not measured; `calibrate` measures it ({path})")
    speed = f", {jobs.site.speed:g} times as fast" if jobs.site.speed != 1 else ""
    machine = f"an A100 with 80 GB{speed} (compute.speed)" if jobs.site.gpus else "a CPU thread"
    lines.append(f"Estimates take for {machine}:")
    for rate in _used(jobs, estimated):
        lines += _wrapped(f"{rate.shown}: {rate.meaning}. Source: {rate.source}")
    if "training" in estimated and jobs.site.gpus:
        factor = waiting(BATCHING, jobs.site.processes)
        lines += _wrapped(
            f"{factor:.2f} times the time of a training step, because {jobs.site.processes} "
            f"processes wait for the slowest ({BATCHING} batches). Source: {WAITING_SOURCE}"
        )
    lines += _wrapped(
        f"{PROMPT} tokens a prompt, and {SHARE:.0%} of the token limit a response. Source: assumed"
    )
    return lines


def _used(jobs: Jobs, estimated: list[str]) -> Iterable[Rate]:
    """The rates by which a configuration's jobs are sized, each once."""
    config = jobs.config
    if not jobs.site.gpus:
        return list(THREAD.values())
    names = {"sampling": ["decode", "bandwidth", "engine"], "training": ["training", "launch"]}
    names["scoring"] = [config.scoring.precision]
    used = [name for work in estimated for name in names[work]]
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
