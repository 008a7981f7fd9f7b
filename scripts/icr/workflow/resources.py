"""What a job requests from a cluster: GPUs, CPUs, memory and minutes, from the size of its work.

Times follow from the measurements of ``snakemake calibrate`` on the site, or else from the rates of
:mod:`icr.workflow.rates`, which hold for an A100 with 80 GB; ``Site.speed`` says how much faster
the site's GPUs are. A limit is :data:`MARGIN` times the estimate. It grows with the attempt; a job
that reached it resumes from its finished parts. Memory grows each time that the job runs out of it
(:meth:`Site.memory_after`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from icr.cluster.measurement import Measurement
from icr.workflow.rates import A100, THREAD, waiting
from icr.workflow.weights import host

MARGIN = 3
"""Ratio of time limit to estimated time."""
TABLES = 4.0
"""Minutes to import libraries and read files, for work on tables and requests to judges."""
STATES = 0.1
"""MB of memory for the hidden states of a response, by a model with 8 billion weights: two vectors
of 4,096 numbers, and their copies while they are read."""
SHARE = 0.2
"""Ratio of a response's mean length to ``max_tokens``."""
PROMPT = 250
"""Tokens of a prompt with its template."""
TRAINED_FLOP = 10
"""FLOP of training by token and weight: the reference's forward pass takes 2, forward and backward
8, because gradient checkpointing computes the forward pass twice."""
BATCHING = "balanced"
"""How icr.training batches pairs (icr.workflow.rates.WAITING)."""
HIGHER = {"float32": "float64"}
"""The precision in which scores are checked (icr.models.load), by precision; float32 by default."""
LIBRARIES = 6_000
"""MB of host memory for Python, torch and a GPU's context."""
SPARE = 1.25
"""Ratio of requested to measured memory."""


@dataclass(frozen=True)
class Request:
    """The request of one attempt.

    ``minutes`` is its limit and ``expected`` the estimate; ``usd`` is the price of judges.
    """

    gpus: int
    cpus: int
    mem_mb: int
    minutes: int
    expected: float
    usd: float = 0.0


@dataclass(frozen=True)
class Site:
    """The machine that jobs are sized for."""

    gpus: int = 1
    """GPUs of a sampling or scoring job."""
    processes: int = 8
    """Processes of a training job, one GPU each."""
    cpus: int = 8
    speed: float = 1.0
    """Speed of one GPU relative to an A100."""
    longest: int | None = None
    """Maximum minutes of a job at the site."""
    memory: int | None = None
    """Maximum GB of host memory of a job."""
    measured: Mapping[str, Measurement] = field(default_factory=dict)
    """By kind of work (:data:`icr.cluster.measurement.WORK`)."""
    at_once: int | None = None
    """Responses that are sampled together, if not all; a GPU waits for the longest of them."""

    def request(self, minutes: float, mem_mb: float, attempt: int, gpus: int, cpus: int) -> Request:
        """A request for work of so many minutes, start included."""
        grown = (attempt + 1) / 2
        limit = 5 * math.ceil(MARGIN * minutes * grown / 5)
        memory = self.memory_after(0, mem_mb)
        return Request(gpus, cpus, memory, min(limit, self.longest or limit), minutes)

    def memory_after(self, failures: int, mem_mb: float) -> int:
        """MB to request after a job ran out of memory so many times; ``mem_mb`` at first."""
        grown = 1000 * math.ceil(mem_mb * (1 + failures / 2) / 1000)
        return min(grown, 1000 * self.memory) if self.memory else grown

    def fitting(self, work: str, settings: Mapping[str, Any]) -> Measurement | None:
        """The measurement of a kind of work, if one was made with these settings."""
        measured = self.measured.get(work)
        if measured is None or measured.settings != settings:
            return None
        return measured if bool(measured.gpus) == bool(self.gpus) else None

    def rate(self, gpu: str, cpu: str) -> float:
        """FLOP per second of a sampling or scoring job, by the name of a rate on GPUs or CPUs."""
        if self.gpus:
            return A100[gpu].value * self.speed * self.gpus
        return THREAD[cpu].value * self.cpus

    def start(self, weights_mb: float, *parts: str) -> float:
        """Seconds until a job computes: libraries, stored weights, and ``parts`` of the rates."""
        if not self.gpus:
            return THREAD["start"].value
        seconds = sum(A100[part].value for part in ("libraries", *parts))
        return seconds + weights_mb * 1e6 / A100["disk"].value


def sampling(
    site: Site,
    parameters: float,
    responses: int,
    max_tokens: int,
    attempt: int = 1,
    settings: Mapping[str, Any] | None = None,
) -> Request:
    """Responses decoded in large batches; half-precision weights pass through host memory.

    Only a measurement with these ``settings`` counts.
    """
    tokens = responses * max_tokens * SHARE
    drains = math.ceil(responses / (site.at_once or max(1, responses)))
    weights = host(parameters, "bfloat16")
    memory = LIBRARIES + 1.5 * weights
    if measured := site.fitting("sampling", settings or {}):
        scale = parameters / measured.parameters * max(1, measured.gpus) / max(1, site.gpus)
        lone = drains * (1 - SHARE) * max_tokens * measured.lone_seconds
        seconds = measured.start_seconds + scale * (tokens / measured.tokens_per_second + lone)
        memory = _memory(measured, parameters, memory)
    else:
        seconds = site.start(weights, "engine")
        seconds += tokens * 2 * parameters / site.rate("decode", "decode")
        if site.gpus:
            lone = weights * 1e6 / A100["bandwidth"].value / site.speed / site.gpus
            seconds += drains * max_tokens * lone
    return site.request(seconds / 60, memory, attempt, site.gpus, site.cpus)


def scoring(
    site: Site,
    parameters: float,
    prompts: int,
    responses: int,
    max_tokens: int,
    precision: str,
    attempt: int = 1,
    checked: float = 0.0,
) -> Request:
    """One forward pass over each response, and one over each prompt for all of its responses.

    ``checked`` responses are scored again in higher precision, each with its prompt.
    """
    tokens = prompts * PROMPT + responses * max_tokens * SHARE
    again = checked * (PROMPT + max_tokens * SHARE)
    return reading(site, parameters, tokens, precision, attempt, "scoring", again)


def reading(
    site: Site,
    parameters: float,
    tokens: float,
    precision: str,
    attempt: int = 1,
    work: str = "",
    again: float = 0.0,
) -> Request:
    """One forward pass over so many tokens, and over ``again`` of them in higher precision.

    ``work`` names the kind whose measurement tells the speed, if one does.
    """
    weights = host(parameters, precision)
    memory = LIBRARIES + 1.5 * weights
    if measured := site.fitting(work, {"precision": precision}):
        scale = parameters / measured.parameters * max(1, measured.gpus) / max(1, site.gpus)
        seconds = measured.start_seconds + scale * tokens / measured.tokens_per_second
        memory = _memory(measured, parameters, memory)
    else:
        seconds = site.start(host(parameters, "bfloat16"))
        seconds += tokens * 2 * parameters / site.rate(precision, "forward")
    higher = site.rate(HIGHER.get(precision, "float32"), "forward")
    seconds += again * 2 * parameters / higher
    return site.request(seconds / 60, memory, attempt, site.gpus, site.cpus)


def training(
    site: Site,
    parameters: float,
    pairs: int,
    max_tokens: int,
    precision: str,
    attempt: int = 1,
    settings: Mapping[str, Any] | None = None,
    checkpoint_minutes: float = 0.0,
) -> Request:
    """The reference's forward pass, then forward and backward passes, in which processes wait.

    ``pairs`` counts all epochs. Each process's weights pass through host memory. A
    checkpoint holds 16 bytes a parameter.
    """
    tokens = 2 * pairs * (PROMPT + max_tokens * SHARE)
    loaded = precision if site.processes > 1 else "float32"
    weights = host(parameters, loaded)
    memory = LIBRARIES + site.processes * (LIBRARIES / 2 + weights)
    if measured := site.fitting("training", settings or {}):
        scale = parameters / measured.parameters
        start = measured.start_seconds
        seconds = scale * tokens / measured.tokens_per_second
        memory = _memory(measured, parameters, memory)
    elif site.gpus:
        # Weights are read at the start and written at the end.
        start = site.start(2 * host(parameters, "bfloat16"), "launch")
        flop = 2 + (TRAINED_FLOP - 2) * waiting(BATCHING, site.processes)
        # In float32 training is as slow as scoring.
        rate = A100["training" if precision == "bfloat16" else precision].value * site.speed
        seconds = tokens * flop * parameters / rate / site.processes
    else:
        start = site.start(weights)
        threads = max(site.cpus, site.processes)
        seconds = tokens * TRAINED_FLOP * parameters / (THREAD["training"].value * threads)
    if checkpoint_minutes and site.gpus:
        written = int(seconds / 60 / checkpoint_minutes)
        seconds += written * 16 * parameters / A100["disk"].value
    gpus = site.processes if site.gpus else 0
    cpus = max(site.cpus, site.processes)
    return site.request((start + seconds) / 60, memory, attempt, gpus, cpus)


def tokens_per_second(site: Site, work: str, parameters: float) -> float:
    """Approximate speed of a kind of work by the rates, to choose the size of a measurement."""
    if work == "training":
        gpus = replace(site, gpus=site.processes if site.gpus else 0)
        return gpus.rate("training", "training") / TRAINED_FLOP / parameters
    if work == "scoring":
        return site.rate("float32", "forward") / 2 / parameters
    return site.rate("decode", "decode") / 2 / parameters


def tables(
    site: Site, responses: int, attempt: int = 1, milliseconds: float = 0.0, mem_mb: float = 0.0
) -> Request:
    """Work on tables on one CPU: for each response, 20 kB and 1 ms plus ``milliseconds``.

    ``mem_mb`` is memory for further inputs.
    """
    minutes = TABLES + responses * (1 + milliseconds) / 1000 / 60
    return site.request(minutes, 2_000 + responses / 50 + mem_mb, attempt, 0, 1)


def judging(
    site: Site, requests: int, tokens: tuple[int, int], price: Mapping[str, float], attempt: int = 1
) -> Request:
    """Requests to an external judge, of so many tokens (in, out), at USD per million tokens."""
    request = site.request(TABLES + requests / 60, LIBRARIES / 2, attempt, 0, 1)  # one a second
    usd = requests * (tokens[0] * price["input"] + tokens[1] * price["output"]) / 1e6
    return replace(request, usd=usd)


def _memory(measured: Measurement, parameters: float, estimated: float) -> float:
    """MB to request: as measured, with a margin, if the measured model has as many weights."""
    same = math.isclose(parameters, measured.parameters, rel_tol=0.02)
    return SPARE * 1000 * measured.host_gb if same and measured.host_gb else estimated


def smaller(token_budget: int, attempt: int) -> int:
    """Tokens of one forward pass, halved at each attempt in case the last ran out of memory."""
    return max(1, token_budget >> (attempt - 1))
