"""Rewards of an external reward model: a sequence classifier over a whole conversation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification

from icr.errors import InputError
from icr.models.conversations import conversation_ids, user
from icr.models.load import device, higher, load_tokenizer
from icr.models.weights import load_checked
from icr.scoring.arithmetic import PRODUCTS, activations_in_float32, multiplying
from icr.scoring.batches import batches_by_length
from icr.scoring.higher import computing_in
from icr.scoring.kinds import ORDER, Arithmetic
from icr.storage.blocks import first_of_blocks, language_of, pieces
from icr.storage.resumable import compute_resumable, identity


class RewardModel:
    """A decoder with a head of one output, read at the last token of a conversation.

    Raises InputError if the head has more outputs, or if there is no head in the files.
    """

    def __init__(self, folder: str | Path, precision: Arithmetic, token_budget: int) -> None:
        dtype = "auto" if precision in PRODUCTS else getattr(torch, precision)
        self.model = load_checked(AutoModelForSequenceClassification, folder, dtype=dtype)
        if self.model.config.num_labels != 1:
            raise InputError(
                f"{folder}: a reward model has one output, and this one has "
                f"{self.model.config.num_labels}"
            )
        # Rows are padded on the left, so the last position is every row's last token. The model
        # looks for the last token that is not padding; none of its tokens has this id.
        self.model.config.get_text_config().pad_token_id = -1
        torch.nn.Module.to(self.model, device())
        if precision in PRODUCTS:
            activations_in_float32(self.model)
        self.model.eval()
        self.budget = token_budget

    @torch.inference_mode()
    def score(self, rows: Sequence[Sequence[int]]) -> list[float]:
        """The reward of each conversation, independent of the others in its batch."""
        rewards = [0.0] * len(rows)
        for batch in batches_by_length(dict(enumerate(map(len, rows))), self.budget):
            width = max(len(rows[i]) for i in batch)
            ids = torch.zeros(len(batch), width, dtype=torch.long)
            mask = torch.zeros_like(ids)
            for number, i in enumerate(batch):
                ids[number, width - len(rows[i]) :] = torch.tensor(rows[i])
                mask[number, width - len(rows[i]) :] = 1
            model_device = self.model.device
            logits = self.model(
                input_ids=ids.to(model_device),
                attention_mask=mask.to(model_device),
                position_ids=(mask.cumsum(1) - 1).clamp(min=0).to(model_device),
            ).logits
            for i, value in zip(batch, logits[:, 0].double().tolist(), strict=True):
                rewards[i] = value
        return rewards


def reward_block(
    folder: str | Path,
    samples: pd.DataFrame,
    output: str | Path,
    precision: Arithmetic,
    token_budget: int,
    chunk: int,
    checks: int,
    key: Any = None,
    block: int | None = None,
    max_length: int | None = None,
) -> pd.DataFrame:
    """One row a response: id, index, reward, reward_check (as in :mod:`icr.rewards.compute`).

    ``samples`` is the sampler's table; the model reads its native prompt, or the conversation in a
    column ``messages``, and the stripped response. All responses to the first ``checks`` prompts of
    each block are scored again one at a time in higher precision, as ``reward_check``; elsewhere it
    is NaN. A killed job resumes from finished chunks of ``chunk`` prompts; ``key`` is anything else
    that determines their content. The reward of a conversation of more than ``max_length`` tokens
    is NaN.

    Raises InputError if a reward is not finite.
    """
    rows = _conversations(folder, samples)
    fits = _fits(rows, max_length)
    models: list[RewardModel] = []

    def model() -> RewardModel:
        if not models:
            models.append(RewardModel(folder, precision, token_budget))
        return models[0]

    def compute(numbers: Sequence[int]) -> pd.DataFrame:
        table = samples.loc[list(numbers), ["id", "index"]]
        short = [number for number in numbers if fits[number]]
        table["reward"] = np.nan
        if short:
            with multiplying(model().model, precision):
                table.loc[short, "reward"] = model().score([rows[number] for number in short])
        return table

    ids = list(dict.fromkeys(samples["id"]))
    rows_of = samples.groupby("id", sort=False).indices
    chunks = pieces(list(map(language_of, ids)), chunk, block)
    parts = [[row for number in prompts for row in rows_of[ids[number]]] for prompts in chunks]
    settings = [precision, chunk, rows, identity(folder), key, max_length]
    table = compute_resumable(output, {"parts": settings}, parts, compute)
    bad = table[fits & ~np.isfinite(table["reward"])]
    if len(bad):
        row = bad.iloc[0]
        raise InputError(
            f"reward model {folder} gives response {row['index']} to prompt {row['id']} a reward "
            f"of {row['reward']} ({len(bad)} such); its weights are broken, or too large for this "
            "arithmetic: scoring.precision: float32 has the widest range"
        )
    table["reward_check"] = np.nan
    checked = first_of_blocks(ids, checks, block)
    first = [number for prompt in checked for number in rows_of[prompt] if fits[number]]
    if first:
        with computing_in(model().model, higher(precision)):
            alone = [model().score([rows[number]])[0] for number in first]
        table.loc[first, "reward_check"] = alone
    if not table[["id", "index"]].equals(samples[["id", "index"]].reset_index(drop=True)):
        raise RuntimeError("rewards came back in another order than the samples")
    print(f"{fits.sum()} responses scored with {folder}")
    if not fits.all():
        print(f"WARNING: {(~fits).sum()} conversations have more than {max_length} tokens")
    return table


def trial_rewards(
    folder: str | Path, samples: pd.DataFrame, token_budget: int, max_length: int | None = None
) -> pd.DataFrame:
    """The same responses rewarded in each arithmetic of :data:`icr.scoring.kinds.ORDER`.

    One row a response: id, index, tokens of the response, and the reward by each arithmetic, which
    may be infinite or NaN. Conversations that are too long are left out. Arguments as in
    :func:`reward_block`.
    """
    rows = _conversations(folder, samples)
    fits = _fits(rows, max_length)
    samples, rows = samples[fits], [row for row, short in zip(rows, fits, strict=True) if short]
    model = RewardModel(folder, ORDER[0], token_budget)
    scores = samples[["id", "index"]].assign(tokens=samples["response_ids"].map(len))
    for arithmetic in PRODUCTS:
        with multiplying(model.model, arithmetic):
            scores[arithmetic] = model.score(rows)
    with computing_in(model.model, torch.float32):
        scores["float32"] = model.score(rows)
    return scores


def _fits(rows: Sequence[Sequence[int]], max_length: int | None) -> NDArray[np.bool_]:
    """Whether each conversation has at most ``max_length`` tokens."""
    lengths = np.array([len(row) for row in rows])
    return lengths <= (np.inf if max_length is None else max_length)


def _conversations(folder: str | Path, samples: pd.DataFrame) -> list[list[int]]:
    tokenizer = load_tokenizer(folder)
    messages = samples["messages"] if "messages" in samples else samples["prompt"].map(user)
    turns = zip(messages, samples["response"], strict=True)
    return [conversation_ids(tokenizer, before, response) for before, response in turns]
