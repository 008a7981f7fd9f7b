"""Draw reward accuracy against the win rate of the policy that it trained."""

from pathlib import Path

import pandas as pd

from icr.figures.accuracy import accuracy_and_win_rate
from icr.figures.style import save
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
rows = []
for accuracy, judged in zip(snakemake.input.accuracy, snakemake.input.win_rate, strict=True):
    policy, language = Path(accuracy).parts[-3:-1]
    known = {"accuracy": read_json(accuracy)["accuracy"], "win_rate": read_json(judged)["win_rate"]}
    rows.append({"policy": policy, "language": language, **known})
save(accuracy_and_win_rate(pd.DataFrame(rows)), snakemake.output)
