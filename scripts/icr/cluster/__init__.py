"""SLURM: cures for lost jobs, one start of a run at a time, and what a run will cost."""
