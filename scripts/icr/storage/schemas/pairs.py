"""Preference pairs, the responses that they were chosen from, and their summaries."""

import pyarrow as pa

from icr.storage.schemas.checks import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TOKENS,
    Schema,
    by_name,
    column,
)
from icr.storage.schemas.responses import NOISE, TRIALS

_PATH = "results/{run}/pairs/{policy}/{language}"

ID = column("id", TEXT, "id of the prompt")
LANGUAGE = column("language", TEXT, "language of the prompt")
PROMPT = column("prompt", TEXT, "text of the prompt")
PROMPT_IDS = column("prompt_ids", TOKENS, "token ids of the prompt in the policy's chat format")
CHOSEN = column("chosen", TEXT, "text of the preferred response")
REJECTED = column("rejected", TEXT, "text of the other response")
CHOSEN_IDS = column("chosen_ids", TOKENS, "its token ids, as sampled")
REJECTED_IDS = column("rejected_ids", TOKENS, "its token ids, as sampled")
CHOSEN_LENGTH = column("chosen_length", INTEGER, "length of its text", "characters")
REJECTED_LENGTH = column("rejected_length", INTEGER, "length of its text", "characters")
CHOSEN_FINISH_REASON = column("chosen_finish_reason", TEXT, "`stop` or `length`")
REJECTED_FINISH_REASON = column("rejected_finish_reason", TEXT, "`stop` or `length`")
CHOSEN_LOGPROB = column("chosen_logprob", NUMBER, "log-probability by the sampler", "nats")
REJECTED_LOGPROB = column("rejected_logprob", NUMBER, "log-probability by the sampler", "nats")
CHOSEN_LANGUAGE = column("chosen_language", TEXT, "language that its text was identified as")
REJECTED_LANGUAGE = column("rejected_language", TEXT, "language that its text was identified as")

PAIRS = Schema(
    "pairs",
    "The best against the worst of the responses to each prompt, a row a pair. Training reads "
    "`prompt_ids`, `chosen_ids`, `rejected_ids`, and the log-probabilities where they are given.",
    pa.struct(
        [
            ID,
            LANGUAGE,
            PROMPT,
            CHOSEN,
            REJECTED,
            PROMPT_IDS,
            CHOSEN_IDS,
            column("chosen_index", INTEGER, "its number among the responses to the prompt"),
            column("chosen_reward", NUMBER, "its reward R"),
            column("chosen_adjusted", NUMBER, "R − α|y|, by which it was chosen"),
            CHOSEN_LENGTH,
            CHOSEN_FINISH_REASON,
            CHOSEN_LOGPROB,
            CHOSEN_LANGUAGE,
            REJECTED_IDS,
            column("rejected_index", INTEGER, "its number among the responses to the prompt"),
            column("rejected_reward", NUMBER, "its reward R"),
            column("rejected_adjusted", NUMBER, "R − α|y|, by which it was chosen"),
            REJECTED_LENGTH,
            REJECTED_FINISH_REASON,
            REJECTED_LOGPROB,
            REJECTED_LANGUAGE,
        ]
    ),
    [f"{_PATH}.parquet"],
)

LIDR_PAIRS = Schema(
    "LIDR pairs",
    "Own answers against translated ones, a row a pair; no log-probabilities, as no policy sampled "
    "the translations as answers.",
    pa.struct(
        [
            ID,
            PROMPT,
            PROMPT_IDS,
            CHOSEN,
            CHOSEN_IDS,
            CHOSEN_LENGTH,
            CHOSEN_FINISH_REASON,
            REJECTED,
            REJECTED_IDS,
            REJECTED_LENGTH,
            REJECTED_FINISH_REASON,
            column("other", TEXT, "language from which an answer was translated"),
            CHOSEN_LANGUAGE,
            REJECTED_LANGUAGE,
            LANGUAGE,
        ]
    ),
    [f"{_PATH}.parquet"],
)

ENGLISH_PAIRS = Schema(
    "English pairs",
    "Pairs of a base model's own responses, from which the first English alignment is made. The id "
    "is `{prompt}/{draw}`.",
    pa.struct(
        [
            ID,
            LANGUAGE,
            PROMPT,
            CHOSEN,
            REJECTED,
            PROMPT_IDS,
            CHOSEN_IDS,
            REJECTED_IDS,
            CHOSEN_FINISH_REASON,
            REJECTED_FINISH_REASON,
            CHOSEN_LOGPROB,
            REJECTED_LOGPROB,
        ]
    ),
    ["results/{run}/pairs/{base}/en.parquet"],
)

RESPONSES = Schema(
    "responses of pairs",
    "Every response that took part in the choice or was left out of it, a row a response.",
    pa.struct(
        [
            ID,
            column("index", INTEGER, "number of the response among those to its prompt, from 0"),
            column("reward", NUMBER, "R; none where its translation failed", nullable=True),
            column("length", INTEGER, "length of its text", "characters"),
            column("language", TEXT, "language that its text was identified as"),
            column("adjusted", NUMBER, "R − α|y|; none where it took no part", nullable=True),
        ]
    ),
    [f"{_PATH}.responses.parquet"],
)

_ALPHA = pa.struct(
    [
        column("mode", TEXT, "how α was found: `exact`, `grid`, `none`"),
        column("value", NUMBER, "α", "reward per character"),
        column("difference", NUMBER, "mean of |chosen| − |rejected| under α", "characters"),
        column("difference_without", NUMBER, "the same under α = 0", "characters"),
        column("curve", pa.list_(pa.list_(NUMBER)), "points [α, mean difference], for drawing"),
    ]
)
_PAIRS_MADE = [
    column("prompts", INTEGER, "prompts, or pairs before any was left out"),
    column("pairs", INTEGER, "pairs that were made"),
]
_MEAN_LENGTHS = [
    column("chosen_length", NUMBER, "mean length of chosen responses", "characters"),
    column("rejected_length", NUMBER, "mean length of rejected responses", "characters"),
]
_ANSWERS = [
    column("empty", INTEGER, "how many are empty"),
    column("cut", INTEGER, "how many were cut at the token limit"),
    column("mostly_cut", BOOLEAN, "whether most were"),
]
_ALL = column("all", INTEGER, "how many there are")
_IN_LANGUAGE = column("in_language", INTEGER, "how many are in the prompt's language")
_MEAN_LENGTH = column("mean_length", NUMBER, "mean length", "characters")
_REASONS = "how many translations failed, by reason"

PAIR_SUMMARY = Schema(
    "pair summary",
    "How the pairs of a language came about.",
    pa.struct(
        [
            LANGUAGE,
            column("alpha", _ALPHA, "the length penalty (Eq. 15), if the pairing has one",
                   nullable=True),
            *_PAIRS_MADE,
            column(
                "dropped",
                pa.struct(
                    [
                        column("too_few_responses", INTEGER, "fewer than two took part"),
                        column("identical", INTEGER, "chosen and rejected were equal"),
                        column("upper_bound", INTEGER, "the pairing left them out"),
                    ]
                ),
                "prompts without a pair, by reason",
            ),
            column(
                "responses",
                pa.struct(
                    [
                        _ALL,
                        column("taking_part", INTEGER, "how many could be chosen"),
                        *_ANSWERS,
                        column("without_reward", INTEGER, "how many have no reward"),
                        _IN_LANGUAGE,
                        _MEAN_LENGTH,
                    ]
                ),
                "the responses",
            ),
            column("reward_spread", NUMBER, "standard deviation within a prompt, on average"),
            column(
                "noise_floor", NUMBER, "error that arithmetic adds to a reward, where measured",
                nullable=True,
            ),
            column("reward_quantiles", pa.list_(NUMBER), "41 quantiles of the rewards, 0 to 1"),
            *_MEAN_LENGTHS,
            column(
                "examples",
                pa.list_(
                    pa.struct(
                        [
                            ID,
                            PROMPT,
                            CHOSEN,
                            REJECTED,
                            column("chosen_reward", NUMBER, "its reward R"),
                            column("rejected_reward", NUMBER, "its reward R"),
                        ]
                    )
                ),
                "typical pairs",
            ),
            column("failed_translations", by_name(INTEGER), _REASONS, nullable=True),
            column(
                "likelihood",
                pa.struct(
                    [
                        column("sampled", NUMBER, "given the native prompt", "nats a token"),
                        column("scored", NUMBER, "given the view's condition", "nats a token"),
                    ]
                ),
                "mean log-probability of the policy's own samples, where it was checked",
                nullable=True,
            ),
            column(
                "arithmetic",
                pa.struct(
                    [
                        column("name", TEXT, "of the scores"),
                        TRIALS,
                        column(
                            "check", pa.struct(NOISE),
                            "rewards against the same in higher precision, over the rescored "
                            "prompts of all blocks",
                            nullable=True,
                        ),
                    ]
                ),
                "the decision of `scoring.precision: auto`",
                optional=True,
            ),
        ]
    ),
    [f"{_PATH}.json"],
)  # fmt: skip

LIDR_SUMMARY = Schema(
    "LIDR pair summary",
    "How the LIDR pairs of a language came about.",
    pa.struct(
        [
            LANGUAGE,
            column("method", TEXT, "name of the pairing: `lidr`"),
            column("alpha", NUMBER, "null: there is no length penalty", nullable=True),
            *_PAIRS_MADE,
            column(
                "dropped",
                pa.struct(
                    [
                        column("empty", INTEGER, "the own answer was empty"),
                        column("failed_translation", INTEGER, "a translation had failed"),
                        column("identical", INTEGER, "chosen and rejected were equal"),
                        column("cut", INTEGER, "one was cut at the token limit"),
                        column("wrong_language", INTEGER, "one was in another language"),
                    ]
                ),
                "pairs that were left out, by reason",
            ),
            column(
                "responses",
                pa.struct([_ALL, *_ANSWERS, _IN_LANGUAGE, _MEAN_LENGTH]),
                "the own answers",
            ),
            column("untranslated", INTEGER, "prompts that are in English in every language"),
            column("failed_translations", by_name(by_name(INTEGER)), f"by language, {_REASONS}"),
            column("reward_spread", NUMBER, "null: there are no rewards", nullable=True),
            column("noise_floor", NUMBER, "null: there are no rewards", nullable=True),
            *_MEAN_LENGTHS,
            column(
                "examples",
                pa.list_(pa.struct([ID, PROMPT, CHOSEN, REJECTED])),
                "the first pairs",
            ),
        ]
    ),
    [f"{_PATH}.json"],
)
