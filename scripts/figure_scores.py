"""Draw how the oracle's score rises from π_I to the last iteration."""

import pandas as pd

from icr.figures.scores import mean_scores, score_rise
from icr.figures.style import save
from icr.miniature.claims import by_policy
from icr.storage.files import atomic_write
from icr.storage.logs import log_to
from icr.tables.lineages import signs

log_to(snakemake.log[0])
titles = signs(snakemake.params.policies)
scores = by_policy(snakemake.input)
save(score_rise(scores, list(titles.values())), snakemake.output.figure)
means = pd.concat({policy: mean_scores(table) for policy, table in scores.items()})
with atomic_write(snakemake.output.table) as partial:
    means.rename_axis(["policy", "language"]).round(4).to_csv(partial)
