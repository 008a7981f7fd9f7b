"""Scores of both responses of preference triples: by a reward model, or as log-probabilities."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from transformers import AutoConfig

from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.models.conversations import conversation_ids
from icr.models.load import load_tokenizer
from icr.models.turn_ends import turn_end
from icr.rewards.implicit import implicit_reward
from icr.scoring.block import condition, score_block
from icr.scoring.kinds import Arithmetic
from icr.scoring.reward_model import reward_block

SIDES = ("chosen", "rejected")


def reward_model_scores(folder: str | Path, triples: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """A reward model's score of each response: id, chosen, rejected.

    ``triples`` are preference pairs (:mod:`icr.preferences.rows`); ``options`` are further
    arguments of :func:`icr.scoring.reward_model.reward_block`.

    Raises InputError if a score is not finite, or if a conversation is longer than the model's
    context.
    """
    samples = _responses(triples).merge(triples[["id", "messages"]], on="id", how="left")
    check_conversations(folder, samples)
    table = reward_block(folder, samples, checks=0, **options)
    return _side_by_side(table, "reward")


def log_probabilities(
    folder: str | Path,
    triples: pd.DataFrame,
    conditions: pd.DataFrame,
    view: str,
    language: str,
    **options: Any,
) -> pd.DataFrame:
    """Σ log π of each response with its end token, in nats: id, chosen, rejected.

    ``conditions`` are the pairs in the language of the prompts that the ``view`` conditions on,
    English for the crosslingual one, under the same ids. ``options`` are further arguments of
    :func:`icr.scoring.block.score_block`.

    Raises InputError if a conversation has more than one turn, which implicit rewards do not
    support, if one is longer than the model's context, if an id is missing, or if a sum is not
    finite.
    """
    longer = conditions[conditions["messages"].map(len) > 1]
    if len(longer):
        raise InputError(
            f"triple {longer['id'].iloc[0]} has a conversation of several turns ({len(longer)} "
            "such); implicit rewards need a single prompt"
        )
    tokenizer = load_tokenizer(folder)
    end = turn_end(tokenizer)
    end = int(tokenizer.eos_token_id) if end is None else end
    samples = _responses(triples)
    ids = tokenizer(samples["response"].tolist(), add_special_tokens=False)["input_ids"]
    samples["response_ids"] = [[*response, end] for response in ids]
    texts = {name: turns[0]["content"] for name, turns in zip(
        conditions["id"], conditions["messages"], strict=True)}  # fmt: skip
    prompts = {
        name: len(prompt_ids(tokenizer, condition(view, text, language)))
        for name, text in texts.items()
    }
    sizes = zip(samples["id"], samples["response_ids"], strict=True)
    lengths = [prompts.get(name, 0) + len(response) for name, response in sizes]
    check_context(folder, samples["id"], lengths)
    table = score_block(folder, samples, texts, view=view, language=language, checks=0, **options)
    return _side_by_side(table, "logprob")


def implicit_rewards(policy: pd.DataFrame, reference: pd.DataFrame, beta: float) -> pd.DataFrame:
    """The implicit rewards of both responses (Eq. 9 or 12): id, chosen, rejected.

    ``policy`` and ``reference`` are tables of :func:`log_probabilities` of the same triples.

    Raises InputError if they are of different triples.
    """
    if not policy["id"].equals(reference["id"]):
        raise InputError("policy and reference scored different triples; remove one and run again")
    rewards = {
        side: implicit_reward(policy[side].to_numpy(), reference[side].to_numpy(), beta)
        for side in SIDES
    }
    return pd.DataFrame({"id": policy["id"], **rewards})


def arithmetic_of(precision: str) -> Arithmetic:
    """The arithmetic for a configuration's ``scoring.precision``.

    ``auto`` decides by the samples of a policy. Triples are scored in the second most exact
    arithmetic instead, because their two rewards may be close.
    """
    named: dict[str, Arithmetic] = {"float32": "float32", "bfloat16": "bfloat16"}
    return named.get(precision, "two-part-bfloat16")


def check_conversations(folder: str | Path, samples: pd.DataFrame) -> None:
    """:func:`check_context` of whole conversations: columns id, messages and response."""
    tokenizer = load_tokenizer(folder)
    turns = zip(samples["messages"], samples["response"], strict=True)
    lengths = [len(conversation_ids(tokenizer, before, response)) for before, response in turns]
    check_context(folder, samples["id"], lengths)


def check_context(folder: str | Path, names: Iterable[str], lengths: Sequence[int]) -> None:
    """Raise InputError if a conversation has more tokens than the model's context.

    ``names`` are the ids of the triples, ``lengths`` tokens, one for each response.
    """
    config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
    context = getattr(config, "max_position_embeddings", None)
    for name, length in zip(names, lengths, strict=True):
        if context is not None and length > context:
            raise InputError(
                f"triple {name} has a conversation of {length} tokens, and {folder} has a context "
                f"of {context}; leave the triple out of the set"
            )


def _responses(triples: pd.DataFrame) -> pd.DataFrame:
    """One row per response: id, index (0 chosen, 1 rejected), response."""
    return pd.DataFrame(
        {
            "id": np.repeat(triples["id"].to_numpy(), 2),
            "index": np.tile([0, 1], len(triples)),
            "response": triples[list(SIDES)].to_numpy().ravel(),
        }
    )


def _side_by_side(table: pd.DataFrame, column: str) -> pd.DataFrame:
    scores = table[column].to_numpy(float).reshape(-1, 2)
    return pd.DataFrame(
        {"id": table["id"].to_numpy()[::2], "chosen": scores[:, 0], "rejected": scores[:, 1]}
    )
