"""Measure the paper's claims in the miniature."""

import pandas as pd

from icr.miniature.claims import (
    CHANCE,
    accuracy_difference,
    agreement,
    decide,
    length_difference,
    metric_difference,
    triple_difference,
    win_rate,
)
from icr.miniature.world import World
from icr.storage.blocks import responses_in
from icr.storage.files import read_json, read_table, write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
files, params = snakemake.input, snakemake.params
scores = {
    policy: pd.concat(map(read_table, tables), ignore_index=True)
    for policy, tables in params.scores.items()
}
world = World(files.facts[0])
agreements = {
    policy: [
        agreement(world, language, responses_in(language, samples), read_table(responses))
        for language, samples, responses in rows
    ]
    for policy, rows in params.rewarded.items()
}
metrics = {
    measure: {policy: [read_json(path) for path in paths] for policy, paths in files.items()}
    for measure, files in params.metrics.items()
}


def rewarded(name, languages):
    """A reward's triples, one table per language; None for chance."""
    if name == CHANCE:
        return None
    return [read_table(params.triples[name][language]) for language in languages]


verdicts = []
for claim in params.claims:
    ahead, behind = claim["policies"]
    if claim["measure"] in metrics:
        evaluated = metrics[claim["measure"]]
        measured = metric_difference(evaluated[ahead], evaluated[behind], claim["measure"])
    elif claim["measure"] == "accuracy":
        measured = accuracy_difference(agreements[ahead], agreements[behind])
    elif claim["measure"] == "rewardbench":
        measured = triple_difference(*(rewarded(p, claim["languages"]) for p in (ahead, behind)))
    elif claim["measure"] == "length":
        measured = length_difference(scores[ahead], scores[behind], params.languages)
    else:
        measured = win_rate(scores[ahead], scores[behind], params.foreign)
    verdict = decide(claim, *measured)
    verdicts.append(verdict)
    print(f"{claim['claim']}: {measured[0]:.3f} ± {measured[1]:.3f}, {verdict['verdict']}")
write_json(verdicts, snakemake.output[0])
