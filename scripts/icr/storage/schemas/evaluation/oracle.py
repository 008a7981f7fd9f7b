"""Files of the miniature's oracle."""

import pyarrow as pa

from icr.storage.schemas.checks import BOOLEAN, INTEGER, NUMBER, TEXT, Schema, column

ORACLE_SCORES = Schema(
    "oracle scores",
    "The miniature oracle's scores of answers to held-out questions, one row per answer.",
    pa.struct(
        [
            column("language", TEXT, "language of the question"),
            column("fact", TEXT, "name of the fact asked for"),
            column("index", INTEGER, "number of the answer among those to its question, from 0"),
            column("response", TEXT, "text of the answer"),
            column("right", BOOLEAN, "the only number in it is the true one"),
            column("full", BOOLEAN, "a full sentence about the fact, in the right language"),
            column("deflects", BOOLEAN, "a deflection in the right language"),
            column("clean", BOOLEAN, "exactly one known sentence, apart from the ending"),
            column("ending", BOOLEAN, "it has the ending"),
            column("score", NUMBER, "score of the answer", "0 to 1"),
        ]
    ),
    ["results/{run}/scores/{policy}/{languages}.parquet"],
)
