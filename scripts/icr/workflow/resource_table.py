"""Tables of docs/cluster.md and docs/performance.md: what jobs request, and by which numbers.

``python -m icr.workflow.resource_table`` writes them anew, between the two marks in each page.
"""

import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

from icr.config import load_config
from icr.storage.files import read_yaml
from icr.workflow.rates import A100, THREAD, WAITING, WAITING_SOURCE
from icr.workflow.resources import Request
from icr.workflow.study import Study
from icr.workflow.weights import WORKING, fewest, gpu_gb

BEGIN, END = "<!-- resources: made by `make docs` -->", "<!-- end of resources -->"
PAGE, CONFIG = Path("docs/cluster.md"), Path("config/config.yaml")
RATES = Path("docs/performance.md")
SIZES = (80, 140)
"""GB of the GPUs that clusters have."""
HEAD = ("rule", "a job is", "GPUs", "CPUs", "memory, GB", "minutes", "limit", "what fills a GPU")


def table(config: str | Path) -> str:
    """The table of a configuration's largest jobs of each kind, in Markdown."""
    study = Study(load_config(read_yaml(config)))
    jobs = study.jobs
    main = jobs.config.experiments["main"]
    prompts = main.prompts.set
    job = SimpleNamespace(
        prompts=prompts, languages="es", blocks="0000", policy=main.start, scorer=main.reference
    )
    policy = SimpleNamespace(policy=study.policies.of("main", 1), languages="es")
    size, n = study.blocks.rows(prompts, range(1))[1], jobs.config.sampling.n
    pairs = main.prompts.count * len(main.languages)
    parameters = jobs.work.parameters(main.start)
    half, precise = gpu_gb(parameters, "bfloat16"), gpu_gb(parameters, "float32")
    scored = {
        "auto": f"{half:.0f} GB of bfloat16 weights, {precise:.0f} if float32 is decided on",
        "float32": f"{precise:.0f} GB of float32 weights",
        "bfloat16": f"{half:.0f} GB of bfloat16 weights",
    }
    processes, precision = jobs.work.site.processes, main.training.precision
    training = gpu_gb(parameters, precision, processes)
    rows = [
        _row("sample", f"{n} responses to {size} prompts", jobs.sample(job),
             f"{half:.0f} GB of weights; vLLM's cache takes the rest"),
        _row("self_translate", f"{size * n:,} responses translated", jobs.self_translate(job),
             "the same"),
        _row("logprobs", f"one model's scores of {size * n:,} responses", jobs.logprobs(job),
             f"{scored[jobs.config.scoring.precision]}, then activations; "
             "the noise floor's few prompts take no more: one layer is cast at a time"),
        _row("build_pairs", "one language of an iteration", jobs.build_pairs(policy), ""),
        _row("train", f"{pairs:,} pairs, one epoch", jobs.train(policy),
             f"{training:.0f} GB: {precision} weights, 1/{processes} of float32 weights, gradients "
             "and AdamW's moments (ZeRO-2), then activations"),
    ]  # fmt: skip
    if jobs.config.evaluation.nlp:
        rows.append(
            _row("nlp_scores", "four benchmarks in one language", jobs.nlp_scores(policy),
                 f"{half:.0f} GB of weights, then activations")
        )  # fmt: skip
    lines = [_line(row) for row in [HEAD, ("---",) * len(HEAD), *rows]]
    return "\n".join([*lines, "", _fitting(parameters, precision)])


def _fitting(parameters: float, precision: str) -> str:
    """Which numbers of training processes fit which GPUs."""
    counts = ", ".join(f"{gpu_gb(parameters, precision, n):.0f} GB on {n}" for n in (8, 4, 2, 1))
    fit = " and ".join(f"GPUs of {gb} GB from {fewest(parameters, precision, gb)}" for gb in SIZES)
    return textwrap.fill(
        f"Training {parameters / 1e9:.0f} billion parameters fills so much of each GPU before "
        f"activations: {counts} (`compute.training_processes`). With {WORKING} GB left for those, "
        f"it fits {fit} processes on.",
        width=100,
    )


def rates_table() -> str:
    """The numbers that stand in for measurements, with their sources, in Markdown."""
    rates = {rate.meaning: rate for rate in [*A100.values(), *THREAD.values()]}.values()
    rows = [("number", "what it is", "source"), ("---",) * 3]
    rows += [(rate.shown, rate.meaning, rate.source) for rate in rates]
    for batching, factors in WAITING.items():
        shown = ", ".join(f"{factor:.2f} on {n}" for n, factor in factors.items())
        rows.append(
            (shown, f"time of a training step over shared work, {batching}", WAITING_SOURCE)
        )
    return "\n".join(_line(row) for row in rows)


def filled(page: str, made: str) -> str:
    """The page with the table between its marks."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}"


def _row(rule: str, work: str, asked: Request, gpu: str) -> tuple[str, ...]:
    return (
        f"`{rule}`",
        work,
        str(asked.gpus),
        str(asked.cpus),
        str(asked.mem_mb // 1000),
        f"{asked.expected:.0f}",
        str(asked.minutes),
        gpu,
    )


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for page, made in ((PAGE, table(CONFIG)), (RATES, rates_table())):
        page.write_text(filled(page.read_text(encoding="utf-8"), made), encoding="utf-8")
        print(f"{page} written", file=sys.stderr)
