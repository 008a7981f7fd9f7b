"""What a job asks of a cluster: GPUs, CPUs, memory and minutes, from the size of its work.

Times are estimates for one GPU with 80 GB (an A100), not measurements; ``Site.speed`` says how much
faster the site's GPUs are. A limit is :data:`MARGIN` times the estimate. Limit and memory grow with
the attempt; a job that reached a limit goes on from what it had finished.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

MARGIN = 3
"""Time limit over estimated time."""
START = 4.0
"""Minutes to queue up behind a file system, import libraries and load weights."""
FORWARD = {"float32": 10e12, "bfloat16": 120e12, "float16": 120e12, "auto": 102e12}
"""FLOP per second of forward and backward passes: two fifths to a half of the GPU's peak.
``auto``: of float16 products, :data:`icr.scoring.kinds.RELATIVE_SPEED` times bfloat16's."""
DECODE = 40e12
"""FLOP per second of sampling in large batches: 2,500 tokens per second from 8 billion weights."""
CPU = 1 / 700
"""Speed of one CPU thread over the GPU's when sampling (SmolLM2: 200 tokens per second)."""
SHARE = 0.2
"""Mean length of a response over ``max_tokens``."""
PROMPT = 250
"""Tokens of a prompt with its template."""
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "auto": 4}
"""Of a weight. With ``auto``, float32 may be the arithmetic that is decided on."""
WORKING = 12
"""GB of a training GPU for activations (gradient checkpointing, one pair) and communication."""
LIBRARIES = 6_000
"""MB of host memory for Python, torch and a GPU's context."""


@dataclass(frozen=True)
class Request:
    """What one attempt asks for.

    ``minutes`` is its limit and ``expected`` the estimate; ``usd`` is what judges are paid.
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
    """Of one GPU over an A100."""
    longest: int | None = None
    """Minutes after which the site ends any job."""

    def request(self, seconds: float, mem_mb: float, attempt: int, gpus: int, cpus: int) -> Request:
        """A request for work that takes an A100 so many seconds."""
        speed = self.speed * gpus if gpus else CPU * cpus
        expected = START + seconds / 60 / speed
        grown = (attempt + 1) / 2
        minutes = 5 * math.ceil(MARGIN * expected * grown / 5)
        memory = 1000 * math.ceil(mem_mb * grown / 1000)
        return Request(gpus, cpus, memory, min(minutes, self.longest or minutes), expected)


def sampling(
    site: Site, parameters: float, responses: int, max_tokens: int, attempt: int = 1
) -> Request:
    """Responses decoded in large batches; half-precision weights pass through host memory."""
    seconds = responses * max_tokens * SHARE * 2 * parameters / DECODE
    memory = LIBRARIES + 1.5 * host(parameters, "bfloat16")
    return site.request(seconds, memory, attempt, site.gpus, site.cpus)


def scoring(
    site: Site,
    parameters: float,
    prompts: int,
    responses: int,
    max_tokens: int,
    precision: str,
    attempt: int = 1,
) -> Request:
    """One forward pass over each response, and over each prompt once for all its responses."""
    tokens = prompts * PROMPT + responses * max_tokens * SHARE
    return reading(site, parameters, tokens, precision, attempt)


def reading(
    site: Site, parameters: float, tokens: float, precision: str, attempt: int = 1
) -> Request:
    """One forward pass over so many tokens."""
    seconds = tokens * 2 * parameters / FORWARD[precision]
    memory = LIBRARIES + 1.5 * host(parameters, precision)
    return site.request(seconds, memory, attempt, site.gpus, site.cpus)


def training(
    site: Site, parameters: float, pairs: int, max_tokens: int, precision: str, attempt: int = 1
) -> Request:
    """The reference's forward pass (2 FLOP a token and weight), then forward and backward (8).

    ``pairs`` counts those of all epochs. The 8 is for gradient checkpointing, which computes the
    forward pass twice. Each process's weights pass through host memory.
    """
    tokens = 2 * pairs * (PROMPT + max_tokens * SHARE)
    seconds = tokens * 10 * parameters / FORWARD[precision]
    loaded = precision if site.processes > 1 else "float32"
    memory = LIBRARIES + site.processes * (LIBRARIES / 2 + host(parameters, loaded))
    gpus = site.processes if site.gpus else 0
    return site.request(seconds, memory, attempt, gpus, max(site.cpus, site.processes))


def tables(site: Site, responses: int, attempt: int = 1, more: float = 0.0) -> Request:
    """Work on tables of so many responses, on one CPU: some 20 kB and 1 ms, and ``more``, each."""
    a100_seconds = responses * (1 + more) / 1000 * CPU
    return site.request(a100_seconds, 2_000 + responses / 50, attempt, 0, 1)


def judging(
    site: Site, requests: int, tokens: tuple[int, int], price: Mapping[str, float], attempt: int = 1
) -> Request:
    """Requests to a judge elsewhere, of so many tokens (in, out), at USD per million tokens."""
    asked = site.request(requests * CPU, LIBRARIES / 2, attempt, 0, 1)  # one a second
    usd = requests * (tokens[0] * price["input"] + tokens[1] * price["output"]) / 1e6
    return replace(asked, usd=usd)


def smaller(token_budget: int, attempt: int) -> int:
    """Tokens of one forward pass, halved by each attempt: the last may have run out of memory."""
    return max(1, token_budget >> (attempt - 1))


def host(parameters: float, precision: str) -> float:
    """MB that the weights fill."""
    return parameters * BYTES[precision] / 1e6


def gpu_gb(parameters: float, precision: str, processes: int = 0) -> float:
    """GB of each GPU that scoring fills with weights, or training in so many processes with more.

    Training takes 16 bytes a parameter in float32: weights, gradients and AdamW's two moments.
    Several processes share these (ZeRO-2), and each has the weights in ``precision`` besides. One
    alone computes on its float32 weights, by way of a copy in lower precision.
    """
    weights = host(parameters, precision) / 1e3
    if not processes:
        return weights
    own = 0.0 if processes == 1 and precision == "float32" else weights
    return parameters * 16 / processes / 1e9 + own


def fewest(parameters: float, precision: str, gb: float) -> int:
    """Training processes, a power of two, for which GPUs of so many GB are large enough."""
    processes = 1
    while gpu_gb(parameters, precision, processes) + WORKING > gb:
        processes *= 2
        if host(parameters, precision) / 1e3 + WORKING > gb:
            raise ValueError(f"the weights of {parameters:g} parameters leave no room in {gb} GB")
    return processes
