"""Sampling of one block of prompts into the table that all later stages read."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids, ends_line
from icr.sampling import BackendOptions, Sampler, SamplingSettings, open_sampler
from icr.sampling.cuts import check_cuts
from icr.sampling.room import room
from icr.seeds import seed_of
from icr.storage.resumable import compute_resumable, identity


def sample_block(
    folder: str | Path,
    rows: Sequence[Mapping[str, Any]],
    output: str | Path,
    settings: SamplingSettings,
    backend: str,
    options: BackendOptions,
    chunk: int,
    seed_parts: Sequence[object],
    code: str = "",
) -> pd.DataFrame:
    """``settings.n`` responses to each prompt, one row per response.

    Columns: id, index (0 … n−1), prompt, prompt_ids, response (stripped text), response_ids,
    finish_reason (``stop`` or ``length``), logprob (of the ids given the prompt, in nats). ``rows``
    hold ``instruction`` and ``instruction_id``; the seed of a prompt is derived from ``seed_parts``
    and its id. ``chunk`` prompts are sampled together. A killed job resumes from finished chunks,
    unless the fingerprint ``code`` has changed.

    Raises InputError if a prompt leaves no room for a response (before sampling starts), or if no
    response ends by itself (:func:`icr.sampling.cuts.check_cuts`).
    """
    tokenizer = load_tokenizer(folder)
    prompts = [prompt_ids(tokenizer, row["instruction"]) for row in rows]
    ids = [row["instruction_id"] for row in rows]
    room(folder, options.max_model_len).check(ids, prompts, settings.max_tokens)
    ends = end_ids(folder, tokenizer)
    print(ends_line(tokenizer, ends))
    with ExitStack() as stack:
        opened: list[Sampler] = []

        def compute(first: int) -> pd.DataFrame:
            if not opened:
                opened.append(stack.enter_context(open_sampler(backend, folder, settings, options)))
            piece, piece_prompts = rows[first : first + chunk], prompts[first : first + chunk]
            seeds = [seed_of(*seed_parts, row["instruction_id"]) for row in piece]
            groups = opened[0].generate(piece_prompts, seeds)
            return pd.DataFrame(
                [
                    {
                        "id": row["instruction_id"],
                        "index": index,
                        "prompt": row["instruction"],
                        "prompt_ids": prompt,
                        "response": response_text(tokenizer, sample.content_ids),
                        "response_ids": sample.response_ids,
                        "finish_reason": sample.finish_reason,
                        "logprob": sample.logprob,
                    }
                    for row, prompt, group in zip(piece, piece_prompts, groups, strict=True)
                    for index, sample in enumerate(group)
                ]
            )

        key = {
            "model": identity(folder),
            "settings": asdict(settings),
            "options": asdict(options),
            "seed": list(seed_parts),
            "prompts": [dict(row) for row in rows],
            "chunk": chunk,
            "template": tokenizer.chat_template,
            "ends": ends,
            "code": code,
        }
        table = compute_resumable(output, key, range(0, len(rows), chunk), compute)
    _check(table, rows, settings.n)
    check_cuts(table["finish_reason"].tolist(), settings.max_tokens, ends_line(tokenizer, ends))
    return table


def _check(table: pd.DataFrame, rows: Sequence[Mapping[str, Any]], n: int) -> None:
    expected = [row["instruction_id"] for row in rows for _ in range(n)]
    if table["id"].tolist() != expected:
        raise RuntimeError("the sampler returned responses to other prompts than those requested")
    empty = int((table["response"] == "").sum())
    cut = int((table["finish_reason"] == "length").sum())
    print(f"{len(rows)} prompts x {n} responses; {empty} empty, {cut} cut at the token limit")
