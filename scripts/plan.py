"""Print the plan of a run (rules/cluster.smk)."""

from icr.cluster.plan import show
from icr.errors import InputError
from icr.storage.processes import end_with_submitter

end_with_submitter()
try:
    show(snakemake.log[0], **dict(snakemake.params.items()))
except InputError as error:
    raise SystemExit(f"Error: {error}") from None
