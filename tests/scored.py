"""Short random responses to three prompts, to be scored."""

import numpy as np
import pandas as pd

TEXTS = ["one", "two words", "three"]


def samples_of(n=3):
    generator = np.random.default_rng(0)
    rows = []
    for p in ("a", "b", "c"):
        for index in range(n):
            ids = generator.integers(5, 261, generator.integers(1, 12)).tolist()
            rows.append({"id": p, "index": index, "response_ids": ids})
    return pd.DataFrame(rows)
