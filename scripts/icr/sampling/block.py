"""Sampling of one block of prompts into the table that all later stages read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids, ends_line
from icr.sampling import (
    ONE_BY_ONE,
    BackendOptions,
    Sample,
    Sampler,
    SamplingSettings,
    open_sampler,
)
from icr.sampling.cuts import check_cuts
from icr.sampling.room import room
from icr.seeds import seed_of
from icr.storage.blocks import pieces
from icr.storage.resumable import compute_as_finished, compute_resumable, identity


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
    block: int | None = None,
) -> pd.DataFrame:
    """``settings.n`` responses to each prompt, one row per response.

    Columns: language where the rows have one, id, index (0 … n−1), prompt, prompt_ids, response
    (stripped text), response_ids, finish_reason (``stop`` or ``length``), logprob (of the ids given
    the prompt, in nats). ``rows`` hold ``instruction`` and ``instruction_id``, and may hold
    ``language``; the seed of a prompt comes from ``seed_parts``, its language and its id. What is
    finished is kept across a kill, unless ``code``, a fingerprint, has changed: single prompts
    where the backend finishes them one by one, else chunks of ``chunk`` prompts of one block of
    ``block``, if any, and one language.

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

        def sampler() -> Sampler:
            if not opened:
                opened.append(stack.enter_context(open_sampler(backend, folder, settings, options)))
            return opened[0]

        def seeds(numbers: Sequence[int]) -> list[int]:
            return [seed_of(*seed_parts, *_seed_names(rows[number])) for number in numbers]

        def table_of(number: int, group: Sequence[Sample]) -> pd.DataFrame:
            row = rows[number]
            return pd.DataFrame(
                {
                    **({"language": row["language"]} if "language" in row else {}),
                    "id": row["instruction_id"],
                    "index": index,
                    "prompt": row["instruction"],
                    "prompt_ids": prompts[number],
                    "response": response_text(tokenizer, sample.content_ids),
                    "response_ids": sample.response_ids,
                    "finish_reason": sample.finish_reason,
                    "logprob": sample.logprob,
                }
                for index, sample in enumerate(group)
            )

        def compute(numbers: Sequence[int]) -> pd.DataFrame:
            groups = sampler().generate([prompts[number] for number in numbers], seeds(numbers))
            return pd.concat(map(table_of, numbers, groups), ignore_index=True)

        def finish(left: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
            answers = sampler().finish([prompts[number] for number in left], seeds(left))
            return ((left[number], table_of(left[number], group)) for number, group in answers)

        key = {
            "model": identity(folder),
            "settings": asdict(settings),
            "options": asdict(options),
            "seed": list(seed_parts),
            "prompts": [dict(row) for row in rows],
            "chunk": None if backend in ONE_BY_ONE else chunk,
            "template": tokenizer.chat_template,
            "ends": ends,
            "code": code,
        }
        if backend in ONE_BY_ONE:
            table = compute_as_finished(output, key, len(rows), finish)
        else:
            languages = [row.get("language", "") for row in rows]
            table = compute_resumable(output, key, pieces(languages, chunk, block), compute)
    _check(table, rows, settings.n)
    by_language = table.groupby("language") if "language" in table else [("", table)]
    for _, part in by_language:
        check_cuts(part["finish_reason"].tolist(), settings.max_tokens, ends_line(tokenizer, ends))
    return table


def _seed_names(row: Mapping[str, Any]) -> list[object]:
    """What a prompt contributes to its seed: its language, if the rows have one, and its id."""
    return [row[key] for key in ("language", "instruction_id") if key in row]


def _check(table: pd.DataFrame, rows: Sequence[Mapping[str, Any]], n: int) -> None:
    expected = [row["instruction_id"] for row in rows for _ in range(n)]
    if table["id"].tolist() != expected:
        raise RuntimeError("the sampler returned responses to other prompts than those requested")
    empty = int((table["response"] == "").sum())
    cut = int((table["finish_reason"] == "length").sum())
    print(f"{len(rows)} prompts x {n} responses; {empty} empty, {cut} cut at the token limit")
