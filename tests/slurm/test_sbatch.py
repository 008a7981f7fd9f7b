"""What jobs request: tested before the first job, and more memory after running out of it."""

import pytest

from icr.storage.files import read_jsonl

BAD = """\
  train: {nodes: 1, slurm_partition: gpux}
  build_pairs: {runtime: 3000}
  miniature_model: {mem_mb: 500000}
"""


@pytest.fixture
def site(finished, tmp_path):
    """The short run before its start."""
    return finished.copy(tmp_path / "checkout", ["results", "resources", ".snakemake/starts"])


def test_bad_requests_are_found_before_anything_else(site, cluster):
    site.edit("slurm/config.yaml", "  train: *gpu_jobs\n", BAD)
    site.run(check=False)
    output = site.output()
    assert "SLURM would not run these jobs" in output, output
    for rule in ("train", "build_pairs", "miniature_model"):
        assert output.count(f"  {rule} (") == 1, output
    assert "sample (" not in output and not cluster.jobs(site.folder)
    assert not (site.folder / "resources/prompts").exists()


HUNGRY = """
include: "Snakefile"

from icr.workflow.resources import Request

rule hungry:
    output:
        "hungry.txt",
    log:
        "hungry.log",
    resources:
        **resources_of(lambda w, attempt=1: Request(0, 1, 1000, 5, 1.0)),
    shell:
        "python -c 'text = 800 * 2**20 * b\\"x\\"' > {log} 2>&1; "
        "echo $SLURM_JOB_ID $(scontrol -o show job $SLURM_JOB_ID | grep -o 'MinMemoryNode=[^ ]*') "
        "> {output}"
"""


def test_a_job_that_ran_out_of_memory_gets_more(site, cluster):
    (site.folder / "hungry.smk").write_text(HUNGRY)
    cluster.restart(limits_memory=True)
    try:
        site.run("--snakefile", "hungry.smk", "hungry.txt")
    finally:
        cluster.restart()
    (failure,) = read_jsonl(site.folder / "results/mini/logs/failures.jsonl")
    assert (failure["reason"], failure["memory"]) == ("OUT_OF_MEMORY", 1.0)
    assert f"SLURM job {failure['slurm_job']}: OUT_OF_MEMORY (it requested 1 GB)" in site.output()
    job, memory = (site.folder / "hungry.txt").read_text().split()
    assert job != failure["slurm_job"] and memory in ("MinMemoryNode=2000M", "MinMemoryNode=2G")
