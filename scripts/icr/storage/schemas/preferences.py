"""Preference sets, and what reward models and implicit rewards say of them."""

import pyarrow as pa

from icr.storage.schemas.checks import (
    INTEGER,
    NUMBER,
    TEXT,
    VECTOR,
    Schema,
    by_name,
    column,
)

PREFERENCES = Schema(
    "preferences",
    "Preference pairs of a set in one language, one row per pair. The rows of all languages share "
    "their ids.",
    pa.struct(
        [
            column("id", TEXT, "id of the pair, the same in all languages"),
            column(
                "messages",
                pa.list_(
                    pa.struct(
                        [
                            column("role", TEXT, "`system`, `user` or `assistant`"),
                            column("content", TEXT, "text of the turn"),
                        ]
                    )
                ),
                "the conversation up to the response",
            ),
            column("chosen", TEXT, "text of the preferred response"),
            column("rejected", TEXT, "text of the other response"),
            column("subset", TEXT, "the part of a benchmark that it belongs to", nullable=True),
        ]
    ),
    ["resources/preferences/{preferences}/{language}.parquet"],
)

_ID = column("id", TEXT, "id of the triple, the same in all languages")
_NATURAL = "a reward model's score"
SCORES = Schema(
    "scores of triples",
    "What a model says of both responses of each preference triple. `view` is `natural` for a "
    "reward model; else it is what the responses are conditioned on.",
    pa.struct(
        [
            _ID,
            column("chosen", NUMBER, f"{_NATURAL}, or the log-probability in nats"),
            column("rejected", NUMBER, f"{_NATURAL}, or the log-probability in nats"),
        ]
    ),
    ["results/{run}/rewardbench/scores/{view}/{scorer}/{language}.parquet"],
)
TRIPLES = Schema(
    "rewards of triples",
    "Rewards of both responses of each preference triple. `rewarded` is a reward model, or "
    "`{policy}-against-{reference}`.",
    pa.struct(
        [
            _ID,
            column("subset", TEXT, "the part of the benchmark that it belongs to", nullable=True),
            column("chosen", NUMBER, "reward of the preferred response"),
            column("rejected", NUMBER, "reward of the other response"),
        ]
    ),
    ["results/{run}/rewardbench/{view}/{rewarded}/{language}/triples.parquet"],
)

_SHARE = column("accuracy", NUMBER, "share of triples whose chosen response has more reward")
_ERROR = column("se", NUMBER, "its standard error over triples")
_TRIPLES = column("triples", INTEGER, "number of triples")
ACCURACY = Schema(
    "accuracy of a reward",
    "How often a reward prefers the chosen response in a language, as RewardBench counts it.",
    pa.struct(
        [
            _TRIPLES,
            column("ties", INTEGER, "triples with two equal rewards, which count as wrong"),
            _SHARE,
            _ERROR,
            column("subsets", by_name(pa.struct([_SHARE, _ERROR, _TRIPLES])), "by subset"),
            column(
                "categories",
                by_name(pa.struct([_SHARE, _ERROR])),
                "by category: the mean of its subsets with fixed weights",
            ),
            column("score", NUMBER, "plain mean of the categories, if there are", nullable=True),
            column("score_se", NUMBER, "its standard error", nullable=True),
            column(
                "seen_prompts",
                INTEGER,
                "triples whose prompt is also one of the reward model's training pairs; null for "
                "a reward that is not trained here",
                nullable=True,
            ),
        ]
    ),
    ["results/{run}/rewardbench/{view}/{rewarded}/{language}/metrics.json"],
)
ACCURACY_TABLE = Schema(
    "table of rewards",
    "Accuracy of every reward by language: one row per reward, language and subset, category, "
    "`score` or `accuracy`.",
    pa.struct(
        [
            column("view", TEXT, "`natural` for a reward model, else the view"),
            column("rewarded", TEXT, "the reward model, or the policy and its reference"),
            column("language", TEXT, "language of the triples"),
            column("kind", TEXT, "`score`, `accuracy`, `category` or `subset`"),
            column("name", TEXT, "name of the category or subset, else empty"),
            column("accuracy", NUMBER, "share of right triples"),
            column("se", NUMBER, "its standard error"),
        ]
    ),
    ["results/{run}/rewardbench/table.csv"],
)

STATES = Schema(
    "states of triples",
    "Hidden states of each preference triple by a reward model or its base: at the last token, "
    "after the final norm.",
    pa.struct(
        [
            _ID,
            column("conversation", VECTOR, "of the conversation with the chosen response"),
            column("prompt", VECTOR, "of the messages before the response"),
        ]
    ),
    ["results/{run}/rewardbench/states/{scorer}/{language}.parquet"],
)
REPRESENTATION_TRIPLES = Schema(
    "representation of triples",
    "f = σ₁ / Σᵢ σᵢ of a model's states of each preference triple in all languages, one row per "
    "triple and text.",
    pa.struct(
        [
            _ID,
            column("text", TEXT, "`conversation` or `prompt`"),
            column("raw", NUMBER, "f of the states"),
            column("normalised", NUMBER, "f of the states divided by their norms"),
        ]
    ),
    ["results/{run}/rewardbench/representation/{scorer}/triples.parquet"],
)
_MEAN = [
    column("mean", NUMBER, "mean over triples"),
    column("se", NUMBER, "its standard error"),
]
REPRESENTATION = Schema(
    "representation",
    "How close a model's states of preference triples in all languages are to one line.",
    pa.struct(
        [
            column("triples", INTEGER, "triples that all languages have"),
            column("left_out", INTEGER, "triples that some language lacks"),
            column(
                "texts",
                by_name(
                    pa.struct(
                        [
                            column("raw", pa.struct(_MEAN), "f of the states"),
                            column(
                                "normalised",
                                pa.struct(_MEAN),
                                "f of the states divided by their norms",
                            ),
                            column(
                                "norms",
                                by_name(
                                    pa.struct(
                                        [
                                            *_MEAN,
                                            column("sd", NUMBER, "standard deviation"),
                                        ]
                                    )
                                ),
                                "norm of the states by language",
                            ),
                        ]
                    )
                ),
                "by text: `conversation` or `prompt`",
            ),
        ]
    ),
    ["results/{run}/rewardbench/representation/{scorer}/metrics.json"],
)
SHIFTS = Schema(
    "representation shift",
    "Mean f of reward models and of their bases, one row per reward model, text and variant.",
    pa.struct(
        [
            column("model", TEXT, "the reward model"),
            column("base", TEXT, "the model that it is trained from"),
            column("text", TEXT, "`conversation` or `prompt`"),
            column("variant", TEXT, "`raw` or `normalised`"),
            column("base_f", NUMBER, "mean f of the base"),
            column("f", NUMBER, "mean f of the reward model"),
            column("shift", NUMBER, "`f` minus `base_f`"),
            column("base_f_se", NUMBER, "standard error over triples"),
            column("f_se", NUMBER, "standard error over triples"),
            column("shift_se", NUMBER, "standard error over triples, which are paired"),
            _TRIPLES,
            column("accuracy", NUMBER, "share of right triples, mean over the languages"),
        ]
    ),
    ["results/{run}/rewardbench/representation.csv"],
)
