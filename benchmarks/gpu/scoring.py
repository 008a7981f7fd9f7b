"""Scoring in each arithmetic, against batches of three in file order with logits of all tokens.

A token counts once, in every method: those of a prompt, and those of its responses. The share is
that of the rate of a large matrix product in the same arithmetic; FLOP are those that the task
needs, so what a method pads or computes again lowers its share.
"""

import torch
from benchmarks.authors_way import batches_of_three
from benchmarks.gpu.arithmetics import opened
from benchmarks.gpu.clock import forget, forward_flop, matmul_rate, peak_gb, seconds
from benchmarks.gpu.goals import Goal

from icr.cluster.calibration import Texts
from icr.scoring.engine import Row, Scorer
from icr.scoring.kinds import ORDER

AUTHORS = "batches of 3, bfloat16"
ARITHMETICS = ("bfloat16", *ORDER[:-1], "tf32", "float32")
COLUMNS = {
    "tokens_per_second": ("tokens/s", "{:,.0f}"),
    "share_of_matmul": ("of matmul", "{:.0%}"),
    "over_authors": ("x batches of 3", "{:.2f}"),
    "gpu_gb": ("GB", "{:.1f}"),
}
GOALS = [
    Goal(
        f"scoring in {ORDER[0]} at 50% of the matmul rate or more", ORDER[0], "share_of_matmul", 0.5
    ),
    Goal(
        f"scoring in {ORDER[0]} at 3 times the rate of batches of 3 or more",
        ORDER[0],
        "over_authors",
        3.0,
    ),
]


def measure(case):
    """Rows: the baseline, then each arithmetic, the slowest last."""
    rates = matmul_rates(case.product)
    prompts, rows = texts(case)
    pieces = [(0, len(prompt), 0) for prompt in prompts]
    pieces += [(len(prompts[row.prompt]), len(row.ids), len(row.ids)) for row in rows]
    tokens = sum(count for _, count, _ in pieces)
    flop = forward_flop(case.model, pieces)
    baseline = None
    for name in (AUTHORS, *ARITHMETICS):
        arithmetic = "bfloat16" if name == AUTHORS else name
        score = authors_way if name == AUTHORS else ours(case)
        spent, memory = timed(case, arithmetic, score, prompts, rows)
        baseline = baseline or spent
        rate = rates[arithmetic]
        yield {
            "name": name,
            "tokens_per_second": tokens / spent,
            "share_of_matmul": flop / spent / rate,
            "over_authors": baseline / spent,
            "gpu_gb": memory,
            "seconds": spent,
            "matmul_tflops": rate / 1e12,
        }


def timed(case, arithmetic, score, prompts, rows):
    """Seconds of ``score(model, prompts, rows)`` after a first row, and the largest memory."""
    forget()
    with opened(case.folder, arithmetic) as model:
        score(model, prompts[:1], rows[:1])
        return seconds(lambda: score(model, prompts, rows))[1], peak_gb()


def ours(case):
    return lambda model, prompts, rows: Scorer(model, case.token_budget).score(prompts, rows)


def authors_way(model, prompts, rows):
    """Three consecutive prompts at one response index, as the authors' script reads them."""
    responses = len(rows) // len(prompts)
    in_file_order = [row for index in range(responses) for row in rows[index::responses]]
    return batches_of_three(model, prompts, in_file_order)


def texts(case):
    """Prompts, and rows of random responses to them."""
    drawn = Texts(case.folder, case.scoring)
    prompts = [drawn.prompt() for _ in range(case.scoring.prompts)]
    rows = [
        Row(number, drawn.response())
        for number in range(len(prompts))
        for _ in range(case.scoring.responses)
    ]
    return prompts, rows


def matmul_rates(size):
    """The rate of a matrix product, by arithmetic."""
    half = matmul_rate(torch.bfloat16, size)
    return {
        "bfloat16": half,
        "two-part-bfloat16": half / 2,
        "float16-products": matmul_rate(torch.float16, size),
        "tf32": matmul_rate(torch.float32, size, tf32=True),
        "float32": matmul_rate(torch.float32, size),
    }
