"""Measuring how fast this machine samples, scores and trains, for the plan.

Each measurement does a little of a job's own work, by the same code, on random tokens. It leaves
out the start, which is measured by itself: a job pays it once, whatever it has to do.
"""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from transformers import AutoConfig

from icr.cluster.measurement import Measurement
from icr.cluster.memory import PeakMemory
from icr.cluster.random_model import write_random_model
from icr.storage.project import versions

SPREAD = 0.8
"""Standard deviation of the logarithm of a response's length."""


@dataclass(frozen=True)
class Load:
    """How much to do, and on texts of which lengths."""

    prompts: int
    """Or pairs, of a training."""
    responses: int
    """Of each prompt."""
    prompt_tokens: int
    response_tokens: int
    """On average."""
    max_tokens: int


@dataclass(frozen=True)
class Timing:
    """What the clock said."""

    tokens: int
    seconds: float
    """Without the start."""
    start: float
    """Seconds, from when the process began."""
    lone: float = 0.0
    """Seconds of a decoding step with the responses to one prompt alone."""


def measure(
    work: str,
    model: str,
    folder: str | None,
    parameters: float,
    load: Mapping[str, int],
    settings: dict[str, Any],
    options: Mapping[str, Any],
    gpus: int,
    cpus: int,
    scratch: Path,
) -> Measurement:
    """One kind of work, measured here.

    ``folder`` is the model's, or None for random weights of about as many ``parameters``, which are
    written to ``scratch``. ``settings`` are kept beside the result (icr.cluster.measurement), and
    ``options`` are the keywords of the function of ``work`` in this module.
    """
    clock = time.time()
    path = Path(folder) if folder else write_random_model(scratch / "model", parameters)
    # As if the model had been there: libraries count to the start, writing the model does not.
    began = psutil.Process().create_time() + (time.time() - clock)
    texts = Texts(path, Load(**load))
    with PeakMemory(gpus) as peak:
        works: dict[str, Callable[..., Any]] = {
            "sampling": sampling,
            "scoring": scoring,
            "training": training,
        }
        timing = works[work](texts, began=began, scratch=scratch, **options)
    return Measurement(
        work=work,
        model=model,
        parameters=parameters,
        random_weights=folder is None,
        settings=settings,
        gpus=gpus,
        cpus=cpus,
        gpu=peak.name,
        tokens=timing.tokens,
        tokens_per_second=round(timing.tokens / timing.seconds, 3),
        start_seconds=round(timing.start, 1),
        host_gb=round(peak.host / 1e9, 3),
        gpu_gb=None if peak.gpu is None else round(peak.gpu / 1e9, 3),
        lone_seconds=round(timing.lone, 6),
        versions=versions("torch", "transformers", "vllm", "trl", "deepspeed"),
    )


class Texts:
    """Random prompts and responses that fit a model."""

    def __init__(self, folder: Path, load: Load) -> None:
        self.folder, self.load = folder, load
        config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
        longest = getattr(config, "max_position_embeddings", None) or 2**20
        self.prompt_tokens = min(load.prompt_tokens, longest // 4)
        self.max_tokens = min(load.max_tokens, longest // 2)
        self.response_tokens = min(load.response_tokens, self.max_tokens)
        # Special tokens stand at either end of a vocabulary.
        self.ids = config.vocab_size // 4, config.vocab_size // 2
        self.generator = np.random.default_rng(0)

    def tokens(self, count: int) -> list[int]:
        """So many token ids."""
        return [int(token) for token in self.generator.integers(*self.ids, count)]

    def prompt(self) -> list[int]:
        """Token ids of a prompt."""
        return self.tokens(self.prompt_tokens)

    def response(self) -> list[int]:
        """Token ids of a response of log-normal length."""
        centre = np.log(self.response_tokens) - SPREAD**2 / 2
        length = round(self.generator.lognormal(centre, SPREAD))
        return self.tokens(max(1, min(length, self.max_tokens)))


def sampling(
    texts: Texts, began: float, scratch: Path, backend: str, options: Mapping[str, Any]
) -> Timing:
    """All responses at once, each of the average length at most, and those to one prompt alone."""
    from icr.sampling import BackendOptions, SamplingSettings, open_sampler

    load = texts.load
    limit = texts.response_tokens
    settings = SamplingSettings(n=load.responses, temperature=1.0, max_tokens=limit)
    with open_sampler(backend, texts.folder, settings, BackendOptions(**options)) as sampler:
        sampler.generate([texts.prompt()], [0])  # what is compiled at first use
        start = time.time() - began
        prompts = [texts.prompt() for _ in range(load.prompts)]
        tokens, seconds = _sampled(sampler, prompts)
        few, alone = _sampled(sampler, [texts.prompt()])
    steps = few / load.responses
    return Timing(tokens, seconds, start, alone / steps if steps else 0.0)


def _sampled(sampler: Any, prompts: list[list[int]]) -> tuple[int, float]:
    """Tokens of all responses, and seconds."""
    clock = time.monotonic()
    answers = sampler.generate(prompts, list(range(len(prompts))))
    seconds = time.monotonic() - clock
    return sum(len(sample.response_ids) for group in answers for sample in group), seconds


def scoring(texts: Texts, began: float, scratch: Path, precision: Any, token_budget: int) -> Timing:
    """All responses to all prompts, under one model; ``auto`` in its cheapest arithmetic."""
    from icr.scoring.arithmetic import load_for, multiplying
    from icr.scoring.engine import Row, Scorer
    from icr.scoring.kinds import ORDER

    load, arithmetic = texts.load, ORDER[0] if precision == "auto" else precision
    model = load_for(texts.folder, arithmetic)
    with multiplying(model, arithmetic):
        scorer = Scorer(model, token_budget)
        scorer.score([texts.prompt()], [Row(0, texts.response())])
        start = time.time() - began
        prompts = [texts.prompt() for _ in range(load.prompts)]
        numbers = [number for number in range(load.prompts) for _ in range(load.responses)]
        rows = [Row(number, texts.response()) for number in numbers]
        clock = time.monotonic()
        scorer.score(prompts, rows)
        seconds = time.monotonic() - clock
    tokens = sum(map(len, prompts)) + sum(len(row.ids) for row in rows)
    return Timing(tokens, seconds, start)


def training(
    texts: Texts,
    began: float,
    scratch: Path,
    settings: Mapping[str, Any],
    processes: int,
    threads: int,
) -> Timing:
    """A training of one optimizer step, and one of all pairs: what is longer is work, not start."""
    from icr.training.launch import train
    from icr.training.settings import TrainingSettings

    chosen = TrainingSettings(**{**settings, "epochs": 1, "max_length": None})
    imported = time.time() - began
    runs = []
    for count in (chosen.global_batch, chosen.global_batch + texts.load.prompts):
        pairs = _pairs(texts, count)
        folder = scratch / f"training-{count}"
        folder.mkdir()
        pairs.to_parquet(folder / "en.parquet")
        clock = time.monotonic()
        train(
            policy=texts.folder,
            pairs=[folder / "en.parquet"],
            output=folder / "policy",
            curves=folder / "curves.csv",
            summary=folder / "summary.json",
            settings=chosen,
            made={"start": texts.folder.name, "pairs": "random tokens"},
            processes=processes,
            threads=threads,
            # Another arithmetic than the sampler's: nothing was sampled here.
            sampled_in="bfloat16",
        )
        runs.append((_tokens(pairs), time.monotonic() - clock))
        gc.collect()
    (few, short), (many, long) = runs
    if long <= short:  # tiny models, where the start is everything
        return Timing(many, long, imported)
    seconds = (long - short) * many / (many - few)
    return Timing(many, seconds, imported + max(0.0, long - seconds))


def _pairs(texts: Texts, count: int) -> pd.DataFrame:
    """Pairs of random responses."""
    return pd.DataFrame(
        [
            {
                "id": str(number),
                "prompt_ids": texts.prompt(),
                "chosen_ids": texts.response(),
                "rejected_ids": texts.response(),
            }
            for number in range(count)
        ]
    )


def _tokens(pairs: pd.DataFrame) -> int:
    """Tokens of both responses, each behind its prompt."""
    lengths = pairs[["prompt_ids", "prompt_ids", "chosen_ids", "rejected_ids"]].map(len)
    return int(lengths.to_numpy().sum())
