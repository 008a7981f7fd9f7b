"""Identities that hold in every correct run and that some mistakes break.

That a policy improves does not show that its run is correct: several wrong ways of making pairs
improve it as much. These checks need only numbers that the run computes anyway. A run that breaks
an identity stops with a message that says what was compared.

The chain: the sampler records the log-probability of each response, given the prompt that it
answers. Training computes it again, with its starting model and the prompt that it trains on: model
and prompt must be the same. The scorer computes it too, for English and wherever it conditions on
the native prompt.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.models.precision import Precision

Floats = NDArray[np.float64]

EXACT = 1e-3
"""Nats a token by which two computations of one log-probability may differ on average in float32:
a hundred times the effect of padding and batches."""
ROUNDED = 0.03
"""The same if one of them is in half precision. Single tokens differ by as much, but in either
direction, so that a mean over thousands is far smaller."""


def tolerance(*precisions: Precision | Literal["auto"]) -> float:
    """Nats a token by which computations in these precisions may differ on average.

    ``auto`` may be any arithmetic of scoring.
    """
    return EXACT if set(precisions) == {"float32"} else ROUNDED


def check_whole_groups(samples: pd.DataFrame) -> None:
    """Raise InputError unless each prompt has each of its responses once."""
    repeated = samples[samples.duplicated(["id", "index"])]
    if len(repeated):
        row = repeated.iloc[0]
        raise InputError(
            f"response {row['index']} to prompt {row['id']} occurs twice among the samples "
            f"({len(repeated)} such); a prompt was sampled twice, or a block read twice"
        )


def check_scored_tokens(samples: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Raise InputError unless every recorded token of a response is scored, its end token too."""
    recorded = samples["response_ids"].map(len).to_numpy()
    wrong = np.flatnonzero(recorded != scores["tokens"].to_numpy())
    if len(wrong):
        row = samples.iloc[wrong[0]]
        raise InputError(
            f"response {row['index']} to prompt {row['id']} has {recorded[wrong[0]]} tokens, and "
            f"{scores['tokens'].iloc[wrong[0]]} of them are scored ({len(wrong)} such); the scores "
            "are of other responses, or leave out tokens"
        )


def likelihood_change(samples: pd.DataFrame, scores: pd.DataFrame) -> float:
    """Mean of log π(token | condition) − log π(token | native prompt), in nats a token.

    ``scores`` are the policy's of its own ``samples``, whose ``logprob`` the sampler recorded.
    """
    tokens = int(scores["tokens"].sum())
    change = scores["logprob"].to_numpy() - samples["logprob"].to_numpy()
    return float(change.sum() / tokens) if tokens else 0.0


def check_likelihood(change: float, native: bool, limit: float, fall: float, language: str) -> None:
    """Check the :func:`likelihood_change` of a policy's own samples.

    Given the ``native`` prompt, its absolute value is at most ``limit``; given another condition,
    it falls by no more than ``fall``. Raises InputError.
    """
    if native and abs(change) > limit:
        raise InputError(
            f"language '{language}': given the same prompts, the policy scores its own samples "
            f"{change:+.4f} nats a token apart from what it drew them with, and {limit:g} is what "
            "arithmetic explains; the samples are of another policy or prompt, or the scorer reads "
            "other tokens than the sampler wrote"
        )
    if change < -fall:
        raise InputError(
            f"language '{language}': given the condition of the reward, the policy's own samples "
            f"are {-change:.2f} nats a token less likely than given the native prompt; the "
            "prefix, the instruction or the samples are of another language or another prompt. "
            f"scoring.likelihood_fall says how much is still right ({fall:g})"
        )


def check_scores(
    samples: pd.DataFrame,
    scores: pd.DataFrame,
    native: bool,
    limit: float,
    fall: float,
    language: str,
) -> dict[str, float]:
    """All checks of a policy's scores of its own samples; returns the numbers for a summary.

    ``native`` says that the native prompt is the condition; ``limit`` is what arithmetic explains
    then, and ``fall`` how much less likely they may be given another condition, in nats a token.
    """
    check_scored_tokens(samples, scores)
    change = likelihood_change(samples, scores)
    tokens = int(scores["tokens"].sum())
    sampled = float(samples["logprob"].sum()) / max(tokens, 1)
    print(
        f"{language}: the policy's own samples have {sampled:.3f} nats a token given the native "
        f"prompt, {sampled + change:.3f} given the condition of the reward"
    )
    check_likelihood(change, native, limit, fall, language)
    return {"sampled": sampled, "scored": sampled + change}


def check_lengths(difference: float, optimum: float, language: str) -> None:
    """Raise InputError unless the pairs have the mean length difference that α leaves.

    Both are means of |chosen| − |rejected| in characters: of the pairs, and by the penalty.
    """
    if abs(difference - optimum) > 1e-6:
        raise InputError(
            f"language '{language}': chosen responses are {difference:+.3f} characters longer than "
            f"rejected ones, but the length penalty leaves {optimum:+.3f}; it is not the penalty "
            "of these pairs"
        )


def check_order(pairs: pd.DataFrame) -> None:
    """Raise InputError unless each chosen response has at least the rejected one's reward.

    ``pairs`` has ``chosen_adjusted`` and ``rejected_adjusted``, rewards less the length penalty.
    """
    wrong = pairs[~(pairs["chosen_adjusted"] >= pairs["rejected_adjusted"])]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            f"language '{row['language']}': the chosen response to prompt {row['id']} has a lower "
            f"reward ({row['chosen_adjusted']:.4g}) than the rejected one "
            f"({row['rejected_adjusted']:.4g}); {len(wrong)} of {len(pairs)} pairs are the wrong "
            "way round"
        )


def check_training_reference(
    computed: Floats, sampled: Floats, tokens: NDArray[np.int64], limit: float
) -> None:
    """Compare the reference log-probabilities of training with what the sampler recorded.

    All of shape (responses,): summed log-probabilities in nats, ``sampled`` NaN where no policy
    sampled the response, and counts of tokens. Raises InputError if they differ by more than
    ``limit`` nats a token on average.
    """
    known = ~np.isnan(sampled)
    if not known.any():
        return
    change = float((computed - sampled)[known].sum() / tokens[known].sum())
    if not abs(change) <= limit:
        raise InputError(
            f"training's reference gives the responses {change:+.4f} nats a token more than the "
            f"policy that sampled them did, and {limit:g} is what arithmetic explains; training "
            "starts from another policy, or reads another prompt or other tokens than were sampled"
        )


def check_first_step(
    step: Mapping[str, Any], nll_weight: float | None, half: bool, beta: float = 0.1
) -> None:
    """Check the means of the first optimizer step, before which policy and reference are equal.

    For DPO (``nll_weight`` given) the margin is 0, so that the loss is ln 2 + ``nll_weight`` · NLL;
    for KTO the rewards are 0. Each is a log-probability ratio times ``beta``; ``half`` says that
    the arithmetic is in half precision. Raises InputError.
    """
    limit = (2.0 if half else 10 * EXACT) * beta
    for name in ("margin", "chosen_reward", "rejected_reward"):
        value = step.get(name)
        if value is not None and not abs(value) <= limit:
            raise InputError(
                f"the first training step has a mean {name} of {value:+.4f}; before it the policy "
                "is its own reference, so it must be 0: the reference is another model"
            )
    if nll_weight is None:
        return
    expected = math.log(2) + nll_weight * step["nll"]
    if not abs(step["loss"] - expected) <= limit + 1e-3 * expected:
        raise InputError(
            f"the first training step has a loss of {step['loss']:.4f}; with a margin of 0 it must "
            f"be ln 2 + {nll_weight:g} · {step['nll']:.4f} = {expected:.4f}"
        )


def check_dpo_loss(step: Mapping[str, Any]) -> None:
    """Check that the DPO loss of a step is possible with the step's margins m.

    The loss is the mean of −log σ(m). That function is convex, so it is at least −log σ of the mean
    margin; its slope at 0 is −1/2 and its curvature nowhere above 1/4, so it is at most
    ln 2 − mean(m)/2 + mean(m²)/8. Raises InputError.
    """
    mean, square, loss = (float(step[name]) for name in ("margin", "margin_squared", "dpo"))
    low = float(np.logaddexp(0.0, -mean))
    high = math.log(2) - mean / 2 + square / 8
    limit = 1e-4 * max(1.0, high)
    if not low - limit <= loss <= high + limit:
        raise InputError(
            f"a training step has a DPO loss of {loss:.5f} at a mean margin of {mean:+.5f}, where "
            f"only {low:.5f} to {high:.5f} is possible; the loss is not −log σ of the margin"
        )
