"""Hidden states of preference triples: at the last token, after the final norm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from transformers import AutoModel, PreTrainedModel

from icr.errors import InputError
from icr.evaluation.rewardbench.scores import check_context
from icr.models.conversations import conversation_ids, message_ids
from icr.models.load import device, load_tokenizer
from icr.models.weights import load_checked
from icr.scoring.arithmetic import PRODUCTS, activations_in_float32, multiplying
from icr.scoring.kinds import Arithmetic
from icr.scoring.states import Example, StateReader
from icr.storage.resumable import compute_resumable, identity


def triple_states(
    folder: str | Path,
    triples: pd.DataFrame,
    output: str | Path,
    precision: Arithmetic,
    token_budget: int,
    chunk: int,
    key: Any = None,
) -> pd.DataFrame:
    """One row per triple: id, conversation, prompt.

    ``conversation`` is the state at the last token of the conversation that ends with the chosen
    response, ``prompt`` the one at the last token of the messages before it, both as a reward model
    reads them: by the model's own chat template, without a generation prompt. A state is the
    decoder's output after its final norm, which the head of a reward model reads: float32, of shape
    (hidden,). ``folder`` is a reward model or a causal language model, whose heads are not used.

    Chunks of ``chunk`` triples are kept across a kill; ``key`` is whatever else makes those of
    another run useless.

    Raises InputError if a conversation is longer than the model's context, or if a state is zero or
    not finite.
    """
    tokenizer = load_tokenizer(folder)
    turns = list(zip(triples["messages"], triples["chosen"], strict=True))
    conversations = [conversation_ids(tokenizer, before, response) for before, response in turns]
    check_context(folder, triples["id"], [len(ids) for ids in conversations])
    prompts = [message_ids(tokenizer, before) for before, _ in turns]
    examples: list[tuple[Example, Example]] = [
        (_at_last_token(conversation), _at_last_token(prompt))
        for conversation, prompt in zip(conversations, prompts, strict=True)
    ]
    readers: list[StateReader] = []

    def reader() -> StateReader:
        if not readers:
            readers.append(_reader(folder, precision, token_budget))
        return readers[0]

    def compute(rows: Sequence[int]) -> pd.DataFrame:
        both = [example for row in rows for example in examples[row]]
        with multiplying(reader().model, precision):
            states = reader().read(both)[1]
        return pd.DataFrame(
            {
                "id": triples["id"].iloc[list(rows)].to_numpy(),
                "conversation": list(states[::2]),
                "prompt": list(states[1::2]),
            }
        )

    count = len(triples)
    parts = [range(start, min(start + chunk, count)) for start in range(0, count, chunk)]
    settings = [precision, chunk, examples, identity(folder), key]
    table = compute_resumable(output, {"settings": settings}, parts, compute)
    _check(table, folder)
    print(f"states of {count} triples by {folder}")
    return table


def _at_last_token(ids: Sequence[int]) -> Example:
    """An example whose mean state over the response is the state at the last token."""
    return ids[:-1], ids[-1:]


def _reader(folder: str | Path, precision: Arithmetic, token_budget: int) -> StateReader:
    """A reader of the last layer of a decoder without its head."""
    dtype = "auto" if precision in PRODUCTS else getattr(torch, precision)
    model: PreTrainedModel = load_checked(AutoModel, folder, dtype=dtype)
    torch.nn.Module.to(model, device())
    if precision in PRODUCTS:
        activations_in_float32(model)
    return StateReader(model.eval(), len(model.get_decoder().layers), token_budget)


def _check(table: pd.DataFrame, folder: str | Path) -> None:
    for name in ("conversation", "prompt"):
        norms = np.array([np.linalg.norm(state) for state in table[name]])
        if (bad := ~np.isfinite(norms) | (norms == 0)).any():
            raise InputError(
                f"model {folder} has a state of norm {norms[bad][0]} at the end of the {name} of "
                f"triple {table['id'][bad].iloc[0]} ({bad.sum()} such); its weights are broken, or "
                "too large for this arithmetic: scoring.precision: float32 has the widest range"
            )
