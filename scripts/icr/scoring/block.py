"""Log-probabilities of a block of samples under one view of the prompts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.models.load import higher, load_tokenizer
from icr.prompts.languages import crosslingual_instruction
from icr.scoring.arithmetic import PRODUCTS, load_for, multiplying
from icr.scoring.authors import Part, authors_parts
from icr.scoring.engine import Row, Scorer
from icr.scoring.higher import computing_in
from icr.scoring.kinds import ORDER, Arithmetic
from icr.storage.blocks import first_of_blocks, language_of, pieces
from icr.storage.resumable import compute_resumable, identity


def condition(view: str, instruction: str, language: str) -> str:
    """What the models condition on: G(x) for the crosslingual view, x itself for the native one."""
    return (
        crosslingual_instruction(instruction, language) if view == "crosslingual" else instruction
    )


def score_block(
    folder: str | Path,
    samples: pd.DataFrame,
    instructions: Mapping[str, str],
    output: str | Path,
    view: str,
    language: str | None,
    precision: Arithmetic,
    token_budget: int,
    chunk: int,
    checks: int,
    authors_file: pd.DataFrame | None = None,
    key: Any = None,
    block: int | None = None,
) -> pd.DataFrame:
    """One row a response: id, index, logprob, tokens, logprob_check.

    ``samples`` is the sampler's table, ``instructions`` the conditioning text by prompt id.
    Without a ``language`` in common, ids begin with it, as in ``es/12``.
    ``precision`` is the arithmetic (:mod:`icr.scoring.arithmetic`).
    ``logprob`` sums over the response's tokens, its end token included if it was recorded;
    ``tokens`` counts them. With ``authors_file``, a table like ``samples`` of all prompts that the
    authors' script would score together, the sum runs as in that script
    (:mod:`icr.scoring.authors`). All responses to the first ``checks`` prompts of each block are
    scored again one at a time in higher precision, as ``logprob_check``; elsewhere it is NaN. A
    killed job resumes from finished chunks of ``chunk`` prompts; ``key`` is anything else that
    determines their content.

    Raises InputError if a prompt is unknown or a sum is not finite.
    """
    tokenizer = load_tokenizer(folder)
    ids = list(dict.fromkeys(samples["id"]))
    conditions = _conditions(samples, instructions, view, language)
    prompts = {prompt: prompt_ids(tokenizer, conditions[prompt]) for prompt in ids}
    samples = samples.assign(row=range(len(samples)))
    if authors_file is None:
        parts = _parts(samples, prompts)
    else:
        parts = authors_parts(tokenizer, samples, authors_file, conditions)
    scorers: list[Scorer] = []

    def scorer() -> Scorer:
        if not scorers:
            scorers.append(_scorer(folder, precision, token_budget))
        return scorers[0]

    def compute(piece: Sequence[str]) -> pd.DataFrame:
        table = samples[samples["id"].isin(set(piece))]
        contexts, rows = _rows([parts[row] for row in table["row"]])
        with multiplying(scorer().model, precision):
            logprobs = scorer().score(contexts, rows)
        scored = pd.DataFrame(
            {
                "id": table["id"].to_numpy(),
                "index": table["index"].to_numpy(),
                "logprob": logprobs,
                "tokens": [len(row.ids) - row.skip if row.ids else 0 for row in rows],
            }
        )
        _check_finite(scored, str(folder))
        return scored

    summed = None if authors_file is None else [part.ids for part in parts]
    settings = [precision, chunk, summed, prompts, identity(folder), key]
    chunks = pieces(list(map(language_of, ids)), chunk, block)
    prompts_of = [[ids[number] for number in numbers] for numbers in chunks]
    table = compute_resumable(output, {"settings": settings}, prompts_of, compute)
    table["logprob_check"] = np.nan
    if checks:
        first = samples[samples["id"].isin(set(first_of_blocks(ids, checks, block)))]
        engine = scorer()
        with computing_in(engine.model, higher(precision)):
            alone = [engine.score(*_rows([parts[row]]))[0] for row in first["row"]]
        table.loc[first["row"], "logprob_check"] = alone
    if not table[["id", "index"]].equals(samples[["id", "index"]].reset_index(drop=True)):
        raise RuntimeError("scores came back in another order than the samples")
    print(f"{len(table)} responses, {table['tokens'].sum()} tokens scored with {folder}")
    return table


def trial_scores(
    folder: str | Path,
    samples: pd.DataFrame,
    instructions: Mapping[str, str],
    view: str,
    language: str | None,
    token_budget: int,
) -> pd.DataFrame:
    """The same responses scored in each arithmetic of :data:`icr.scoring.kinds.ORDER`.

    One row a response: id, index, tokens, and the log-probability by each arithmetic, which may be
    infinite or NaN. Arguments as in :func:`score_block`.
    """
    tokenizer = load_tokenizer(folder)
    conditions = _conditions(samples, instructions, view, language)
    prompts = {prompt: prompt_ids(tokenizer, conditions[prompt]) for prompt in set(samples["id"])}
    contexts, rows = _rows(_parts(samples, prompts))
    scorer = _scorer(folder, ORDER[0], token_budget)
    scores = samples[["id", "index"]].assign(tokens=[len(row.ids) for row in rows])
    for arithmetic in PRODUCTS:
        with multiplying(scorer.model, arithmetic):
            scores[arithmetic] = scorer.score(contexts, rows)
    with computing_in(scorer.model, torch.float32):
        scores["float32"] = scorer.score(contexts, rows)
    return scores


def _scorer(folder: str | Path, arithmetic: Arithmetic, token_budget: int) -> Scorer:
    model = load_for(folder, arithmetic)
    with multiplying(model, arithmetic):  # the scorer checks the head in this arithmetic
        return Scorer(model, token_budget)


def _conditions(
    samples: pd.DataFrame, instructions: Mapping[str, str], view: str, language: str | None
) -> dict[str, str]:
    """The conditioning text of each prompt. Raises InputError if a sampled prompt is unknown."""
    missing = [prompt for prompt in samples["id"].unique() if prompt not in instructions]
    if missing:
        raise InputError(f"{len(missing)} sampled prompts have no instruction, first {missing[0]}")
    return {
        prompt: condition(view, text, language or prompt.partition("/")[0])
        for prompt, text in instructions.items()
    }


def _parts(samples: pd.DataFrame, prompts: Mapping[str, list[int]]) -> list[Part]:
    """Every recorded token of each response, after its prompt."""
    return [
        Part(prompts[prompt], list(map(int, response)))
        for prompt, response in zip(samples["id"], samples["response_ids"], strict=True)
    ]


def _rows(parts: Sequence[Part]) -> tuple[list[list[int]], list[Row]]:
    """The distinct prompts of the parts, and a row for each part."""
    numbers: dict[tuple[int, ...], int] = {}
    rows = [
        Row(numbers.setdefault(tuple(part.prompt), len(numbers)), part.ids, part.skip)
        for part in parts
    ]
    return [list(prompt) for prompt in numbers], rows


def _check_finite(table: pd.DataFrame, model: str) -> None:
    bad = table[~np.isfinite(table["logprob"])]
    if len(bad):
        row = bad.iloc[0]
        raise InputError(
            f"model {model} gives response {row['index']} to prompt {row['id']} a log-probability "
            f"of {row['logprob']} ({len(bad)} such); its weights are broken, or too large for this "
            "arithmetic: scoring.precision: float32 has the widest range"
        )
