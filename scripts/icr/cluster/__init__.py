"""SLURM: handling of lost jobs, a lock on a run, and the plan of a run's costs."""
