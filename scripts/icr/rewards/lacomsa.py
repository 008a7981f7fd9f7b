"""The reward of LaCoMSA (EACL 2026): agreement with the policy's own English answers."""

from collections.abc import Sequence

import numpy as np

from icr.rewards.kinds import REWARDS, Floats, Responses, Reward, States


@REWARDS.register("lacomsa")
@Reward.reading(states=True, english=True, milliseconds=1)
def lacomsa(responses: Responses, *, weighted: bool = True, answers: int = 20) -> Floats:
    """The similarity of hidden states to those of the policy's English answers (LaCoMSA).

    r(y) is the mean cosine of h(y) and h(e) over the first ``answers`` distinct English answers
    e to the prompt, at the layer ``reward.layer``. With ``weighted``, the reward
    is w(y)·r(y) with w = σ(½·(−r + cos(h', mean h' of the own answers) − cos(h', mean h' of the
    English answers))) and h' the states at the last layer; without, it is r alone. 0 for a prompt
    without an English answer.
    """
    states, english = responses.states, responses.english
    assert states is not None and english is not None and english.states is not None
    rows_of: dict[str, list[int]] = {}
    for row, prompt in enumerate(responses.samples["id"]):
        rows_of.setdefault(prompt, []).append(row)
    english_rows: dict[str, dict[str, int]] = {}  # by prompt and text
    for row, (prompt, text) in enumerate(
        zip(english.samples["id"], english.samples["response"], strict=True)
    ):
        if text:
            english_rows.setdefault(prompt, {}).setdefault(text, row)
    rewards = np.zeros(len(responses.samples))
    for prompt, rows in rows_of.items():
        if distinct := list(english_rows.get(prompt, {}).values())[:answers]:
            own, others = _select(states, rows), _select(english.states, distinct)
            rewards[rows] = _rewards(own, others, weighted)
    return rewards


def _select(states: States, rows: Sequence[int]) -> States:
    return States(states.layer[rows].astype(float), states.last[rows].astype(float))


def _rewards(own: States, english: States, weighted: bool) -> Floats:
    """The rewards of the answers to one prompt."""
    similarity = _cosines(own.layer, english.layer).mean(axis=1)
    if not weighted:
        return similarity
    to_own = _cosines(own.last, own.last.mean(axis=0)[None])[:, 0]
    to_english = _cosines(own.last, english.last.mean(axis=0)[None])[:, 0]
    return similarity / (1 + np.exp(-0.5 * (-similarity + to_own - to_english)))


def _cosines(rows: Floats, others: Floats) -> Floats:
    """Cosines of shape (rows, others); 0 with a vector of length 0."""
    lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(others, axis=1)[None]
    products = rows @ others.T
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
