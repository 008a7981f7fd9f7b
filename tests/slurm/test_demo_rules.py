"""Every rule of the demo by `snakemake --profile slurm`: the short run with all evaluations."""

import json

import pytest
import yaml
from checkout import ROOT, Checkout
from cluster import rule_of

LANGUAGES = ["en", "es"]
POLICIES = ["aligned", "main-1"]
JOBS = {
    "english_pairs", "align", "xalpacaeval_sample", "mtbench_answers", "nlp_scores"
}  # fmt: skip
LOCAL = {
    "xalpacaeval_judge", "mtbench_judge", "reward_accuracy_judge", "table2", "figure_alpha",
    "report", "all",
}  # fmt: skip
"""Rules that run on the submitting host: judges that ask the oracle, what takes a second."""


def evaluated(folder):
    """Configure the short run on CPUs, with an aligned model and all of the demo's evaluations."""
    text = (ROOT / "config/demo.yaml").read_text(encoding="utf-8")
    demo = yaml.safe_load(text.replace("config/miniature/facts.yaml", "facts.yaml"))
    config = yaml.safe_load((folder / "mini.yaml").read_text(encoding="utf-8"))
    config["compute"]["gpus"] = 0
    aligned = demo["models"]["miniature-dpo"]["source"]
    # Many draws: the oracle prefers few of so small a model's answers to others.
    aligned |= {"align": "start", "count": 8, "draws": 12}
    config["models"]["aligned"] = {"source": aligned}
    config["judges"] = demo["judges"]
    config["questions"] = demo["questions"]
    for questions in config["questions"].values():
        questions["languages"] = LANGUAGES
    config["evaluation"] = demo["evaluation"]
    config["evaluation"]["xalpacaeval"]["policies"] = POLICIES
    config["evaluation"]["nlp"] |= {"policies": ["main-1"], "languages": LANGUAGES}
    config["evaluation"]["mtbench"]["policies"] = ["main-1"]
    config["evaluation"]["reward_accuracy"]["experiments"] = ["main-1"]
    (folder / "evaluated.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))


@pytest.fixture(scope="module")
def site(finished, tmp_path_factory):
    """The short run, with evaluations added."""
    site = finished.copy(tmp_path_factory.mktemp("evaluated") / "checkout")
    evaluated(site.folder)
    return site


def test_the_configuration_uses_every_rule_of_the_demo(site, tmp_path):
    demo = Checkout(tmp_path).planned()
    assert demo.keys() <= site.planned("--forceall", "--configfile", "evaluated.yaml").keys()


def test_evaluations_run_to_the_report(site, cluster):
    seen = site.watched(cluster, name="evaluated.yaml")
    rules = {rule_of(comment) for snapshot in seen for _, _, comment in snapshot}
    assert rules >= JOBS and not rules & LOCAL
    results = site.folder / "results/mini"
    for evaluation, policies in {
        "xalpacaeval": POLICIES, "nlp": ["main-1"], "mtbench": ["main-1"],
        "reward-accuracy": ["main-1"],
    }.items():  # fmt: skip
        for path in (f"{policy}/{la}" for policy in policies for la in LANGUAGES):
            assert json.loads((results / evaluation / path / "metrics.json").read_text())
    assert json.loads((results / "claims.json").read_text())
    assert (results / "report.html").exists()
    before = site.output(everything=True)
    site.run(name="evaluated.yaml")
    assert "Nothing to be done" in site.output(everything=True).removeprefix(before)
    # The demo's profile accepts the results.
    assert site.planned("--configfile", "evaluated.yaml") == {}
