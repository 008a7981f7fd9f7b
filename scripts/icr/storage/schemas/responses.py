"""Files of responses, and of their translations, log-probabilities and rewards."""

import pyarrow as pa

from icr.storage.schemas.checks import INTEGER, NUMBER, TEXT, TOKENS, Schema, column

ID = column("id", TEXT, "id of the prompt")
INDEX = column("index", INTEGER, "number of the response among those to its prompt, from 0")

SAMPLES = Schema(
    "samples",
    "Responses of a policy, one row per response: N samples for each prompt of a block, one greedy "
    "response to each prompt for LIDR, or one response to each question of X-AlpacaEval, whose id "
    "is `{language}/{index}`.",
    pa.struct(
        [
            ID,
            INDEX,
            column("prompt", TEXT, "text of the prompt"),
            column("prompt_ids", TOKENS, "token ids of the prompt in the policy's chat format"),
            column("response", TEXT, "stripped text of the response"),
            column(
                "response_ids", TOKENS, "its token ids, with the end token if it ended by itself"
            ),
            column("finish_reason", TEXT, "`stop`: ended by itself; `length`: truncated"),
            column("logprob", NUMBER, "log π(response given prompt) by the sampler", "nats"),
        ]
    ),
    [
        "results/{run}/samples/{policy}/{prompts}/{language}/{block}.parquet",
        "results/{run}/greedy/{policy}/{prompts}/{language}/{count}.parquet",
        "results/{run}/xalpacaeval/{policy}/samples/{languages}.parquet",
    ],
)

TRANSLATIONS = Schema(
    "translations",
    "A policy's translations of its own responses, in their order, to be scored instead of these.",
    pa.struct(
        [
            ID,
            INDEX,
            column(
                "failed", TEXT,
                "empty, or why there is no translation: `nothing`, `too-long`, `cut`, `empty`",
            ),
            column("response", TEXT, "text of the translation; empty if it failed"),
            column(
                "response_ids", TOKENS,
                "its token ids, with the response's own end token; none if it failed",
            ),
            column("finish_reason", TEXT, "that of the response"),
        ]
    ),
    [
        "results/{run}/translations/{policy}/{prompts}/{language}/{block}.parquet",
        "results/{run}/greedy-translations/{policy}/{prompts}/{source}-{target}/{count}.parquet",
    ],
)  # fmt: skip

LOGPROBS = Schema(
    "log-probabilities",
    "A scorer's log-probabilities of a policy's responses under one view, one row per response.",
    pa.struct(
        [
            ID,
            INDEX,
            column("logprob", NUMBER, "log π(response given the view's condition)", "nats"),
            column("tokens", INTEGER, "number of tokens in the sum", "tokens"),
            column(
                "logprob_check", NUMBER, "the same in higher precision, where rescored",
                "nats", nullable=True,
            ),
        ]
    ),
    ["results/{run}/logprobs/{view}/{policy}/{scorer}/{prompts}/{language}/{block}.parquet"],
)  # fmt: skip

NATURAL_REWARDS = Schema(
    "natural rewards",
    "An external reward model's rewards of a policy's responses, one row per response.",
    pa.struct(
        [
            ID,
            INDEX,
            column("reward", NUMBER, "output of the model's head"),
            column(
                "reward_check", NUMBER, "the same in higher precision, where rescored",
                nullable=True,
            ),
        ]
    ),
    ["results/{run}/natural-rewards/{model}/{policy}/{prompts}/{language}/{block}.parquet"],
)  # fmt: skip
