"""Implicit cross-lingual rewarding: the library behind the workflow. It imports no Snakemake."""

import gc

# torch and transformers create a million objects that stay. With Python's own threshold of 700, a
# sixth of the time of their imports is spent looking for garbage among them.
# icr.storage.logs.log_to restores it once a script has imported what it needs.
gc.set_threshold(100_000)
