"""The demo as it stands, by `snakemake --profile slurm`."""

import json

import pytest
from conftest import Site


@pytest.mark.timeout(3600)
def test_the_demo_runs_to_its_end(cluster, tmp_path):
    site = Site(tmp_path / "checkout")
    run = site.start(name="config/demo.yaml")
    assert site.ended(run, seconds=3400), site.said()
    results = site.folder / "results/demo"
    assert (results / "report.html").exists()
    claims = json.loads((results / "claims.json").read_text())
    assert {one["verdict"] for one in claims if one["planted"]} == {"shown"}
    # The laptop's profile takes the results for its own.
    assert site.planned() == {}
