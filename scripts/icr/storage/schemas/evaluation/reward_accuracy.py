"""Files of reward accuracy."""

import pyarrow as pa

from icr.storage.schemas.checks import INTEGER, NUMBER, TEXT, Schema, column
from icr.storage.schemas.evaluation.judging import JUDGE, SPENT, UNJUDGED, UNPARSED

REWARD_ACCURACY_METRICS = Schema(
    "reward accuracy metrics",
    "How often the judge prefers the chosen response.",
    pa.struct(
        [
            column("accuracy", NUMBER, "share of pairs, with a tie as half", "0 to 1"),
            column("accuracy_se", NUMBER, "its standard error", nullable=True),
            column("accuracy_without_ties", NUMBER, "the same without ties", "0 to 1",
                   nullable=True),
            column("accuracy_without_ties_se", NUMBER, "its standard error", nullable=True),
            column("wins", INTEGER, "pairs whose chosen response the judge prefers"),
            column("ties", INTEGER, "pairs without a preference"),
            column("losses", INTEGER, "pairs whose rejected response the judge prefers"),
            column("pairs", INTEGER, "pairs that were drawn"),
            UNPARSED,
            UNJUDGED,
            *SPENT,
            *JUDGE,
            column("seed", INTEGER, "seed of the draw and of the order shown"),
        ]
    ),
    ["results/{run}/reward-accuracy/{policy}/{language}/metrics.json"],
)  # fmt: skip
REWARD_ACCURACY_PAIRS = Schema(
    "reward accuracy pairs",
    "One row per drawn pair, for bootstrap intervals.",
    pa.struct(
        [
            column("id", TEXT, "id of the prompt"),
            column(
                "verdict", NUMBER, "1 for the chosen, 0 for the rejected response, 0.5 for a tie",
                nullable=True,
            ),
        ]
    ),
    ["results/{run}/reward-accuracy/{policy}/{language}/pairs.csv"],
)  # fmt: skip
