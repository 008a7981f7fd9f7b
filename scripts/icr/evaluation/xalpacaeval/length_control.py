"""Length-controlled win rates by alpaca_eval's fit, and their bootstrap over questions."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

DRAWS = 200
"""Bootstrap samples. Each is a fit of milliseconds for tens of questions, of tenths of a second for
805."""
Floats = npt.NDArray[np.float64]
LENGTH = "np.tanh(std_delta_len)"
"""The column of alpaca_eval's design that holds the difference in length."""


def length_controlled(frame: pd.DataFrame, table: str | Path) -> dict[str, Any]:
    """alpaca_eval's length control, with its table from a file instead of the hub."""
    with _offline(table) as glm:
        rates: dict[str, Any] = glm.get_length_controlled_winrate(
            frame, save_weights_dir=None, is_add_glm_preference_inplace=False
        )
        return rates


def lc_draws(annotations: Sequence[dict[str, Any]], table: str | Path, seed: int) -> list[float]:
    """Length-controlled win rates of :data:`DRAWS` bootstrap samples of the questions, in percent.

    alpaca_eval's fit is repeated on each sample, with the strength of regularisation that its
    cross-validation chose on all questions. Draw n holds the same questions in every language and
    of every policy, so that draws can be averaged over languages one by one. NaN where all answers
    of a sample differ from the reference's by the same length.

    Empty if the fit to all questions has collapsed: if the regularisation has set every
    coefficient to zero, the rate is 50 % whatever the verdicts are.
    """
    frame = pd.DataFrame(list(annotations))
    lengths = (frame["output_1"].str.len() - frame["output_2"].str.len()).to_numpy(float)
    with _offline(table) as glm:
        info = glm.GLM_INFO["length_controlled_v1"]
        train, test, weights = glm._get_featurized_data(
            frame, info["formula"], info["regularize_to_baseline_lambda"]
        )
        # alpaca_eval's own annotated models come first, the questions of ``frame`` last.
        train, weights = train.reset_index(drop=True), weights.to_numpy(float)
        own = len(train) - len(frame)
        judged = train["preference"].notna().to_numpy()
        fitted = glm.fit_LogisticRegressionCV(
            train[judged], "preference", sample_weight=weights[judged], **info["kwargs"]
        )
    if not fitted.coef_.any():
        return []
    outcomes = train.pop("preference").to_numpy(float)
    features, column = train.to_numpy(float), train.columns.get_loc(LENGTH)
    rates = []
    for counts in question_counts(frame["index"].tolist(), seed):
        drawn = np.repeat(np.arange(len(frame)), counts)
        spread = np.std(lengths[drawn], ddof=1) if len(drawn) > 1 else 0.0
        if spread == 0:
            rates.append(float("nan"))
            continue
        rows = np.concatenate([np.arange(own), own + drawn])
        x = features[rows]
        x[own:, column] = np.tanh(lengths[drawn] / spread)
        kept = judged[rows]
        coefficients = _fit(x[kept], outcomes[rows][kept], weights[rows][kept], fitted.C_[0])
        scores = test.iloc[drawn].to_numpy(float) @ coefficients
        rates.append(100 * float(np.mean(1 / (1 + np.exp(-scores)))))
    return rates


def _fit(features: Floats, outcomes: Floats, weights: Floats, strength: float) -> Floats:
    """Coefficients of alpaca_eval's logistic regression, without its tables, which take longer.

    Each question counts as won and as lost, weighted by the probability of each. ``features`` has
    the shape (questions, columns), the result (columns,).
    """
    from sklearn import config_context
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        penalty="l1", C=strength, solver="liblinear", fit_intercept=False, random_state=123
    )
    with config_context(assume_finite=True, skip_parameter_validation=True):
        model.fit(
            np.concatenate([features, features]),
            np.repeat([1, 0], len(features)),
            sample_weight=np.concatenate([outcomes * weights, (1 - outcomes) * weights]),
        )
    return model.coef_[0]


def question_counts(indices: Sequence[int], seed: int) -> npt.NDArray[np.int64]:
    """How often each bootstrap sample holds each question: shape (DRAWS, questions).

    The counts are Poisson variables of mean 1, drawn from a generator of the question's own: they
    do not depend on which other questions a language or a policy lacks.
    """
    counts = [np.random.default_rng([seed, index]).poisson(1, DRAWS) for index in indices]
    return np.stack(counts, axis=1)


def standard_error(draws: Sequence[float]) -> float | None:
    """Standard deviation of the draws; None without draws."""
    return float(np.nanstd(draws, ddof=1)) if draws else None


@contextmanager
def _offline(table: str | Path) -> Iterator[Any]:
    """alpaca_eval's module of length control, which then reads ``table`` instead of the hub."""
    from alpaca_eval.metrics import glm_winrate

    original = glm_winrate.hf_hub_download
    glm_winrate.hf_hub_download = lambda **_: str(table)
    logging.getLogger().setLevel(logging.WARNING)
    try:
        yield glm_winrate
    finally:
        glm_winrate.hf_hub_download = original
