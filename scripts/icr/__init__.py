"""Implicit cross-lingual rewarding: the library behind the workflow. It imports no Snakemake."""
