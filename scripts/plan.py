"""Print the plan of a run (rules/cluster.smk)."""

from icr.cluster.plan import show
from icr.errors import InputError
from icr.storage.logs import fail, to_terminal

log = snakemake.log[0]
to_terminal()
try:
    show(log, **dict(snakemake.params.items()))
except InputError as error:
    fail(log, error)
