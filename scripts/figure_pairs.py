"""Draw the search for α, and the rewards."""

from pathlib import Path

from icr.figures.pairs import alpha_curves, reward_distributions
from icr.figures.style import save
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
paths = {(Path(path).parent.name, Path(path).stem): path for path in snakemake.input}
summaries = {
    policy: {language: read_json(paths[policy, language]) for language in languages}
    for policy, languages in snakemake.params.policies.items()
}
save(alpha_curves(summaries), snakemake.output.alpha)
save(reward_distributions(summaries), snakemake.output.rewards)
