"""Whole runs on a real SLURM: `snakemake --profile slurm`."""

import re


def test_every_rule_ran_as_a_job_of_its_own(finished):
    jobs = dict(re.findall(r"Job (\d+) has been submitted with SLURM jobid (\d+)", finished.said()))
    assert len(jobs) == len(set(jobs.values())) >= 15
    assert (finished.folder / "results/mini/summary.md").exists()
