"""What jobs ask for: sizes at paper scale, growth with the attempt, and names that SLURM gets."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from icr.cluster import plan
from icr.config import load_config
from icr.workflow import resources
from icr.workflow.resource_table import filled, table
from icr.workflow.resources import Site
from icr.workflow.study import Study

ROOT = Path(__file__).parents[2]
RULES = {path.name: path.read_text() for path in sorted((ROOT / "rules").glob("*.smk"))}


def jobs(name, **compute):
    raw = yaml.safe_load((ROOT / "config" / name).read_text())
    raw["compute"] |= compute
    return Study(load_config(raw)).jobs


BLOCK = SimpleNamespace(
    prompts="ultrafeedback", block="0000", policy="main-1", scorer="llama-3-8b-sft"
)
MAIN = SimpleNamespace(policy="main-1")


def test_no_rule_asks_for_gpus_under_a_name_that_gives_none():
    """The executor silently gives no GPU for these; ``gpu`` is its name."""
    for name, text in RULES.items():
        for asked in re.findall(r"^    resources:\n((?: {8}.*\n)+)", text, re.M):
            assert not re.search(r"\b(gpus|nvidia_gpu|slurm_gres)\s*=", asked), name


def test_the_profile_names_every_rule_that_can_use_a_gpu():
    """Rules that ask for a GPU at paper scale, and those whose configuration may ask for one."""
    profile = yaml.safe_load((ROOT / "slurm/config.yaml").read_text())
    on_cpu = {"build_pairs", "answer_pairs", "miniature"}
    rule = re.compile(r"^ *(?:use rule \w+ as|rule) (\w+)(?: with)?:\n", re.M)
    asked = set()
    for text in RULES.values():
        _, *parts = rule.split(text)
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            job = re.search(r"asks\(\s*jobs\.(\w+)", body)
            asked |= {name} if job and job[1] not in on_cpu else set()
    assert set(profile["set-resources"]) == asked
    assert all(row["nodes"] == 1 for row in profile["set-resources"].values())


def test_every_job_that_is_sent_to_the_cluster_says_what_it_needs():
    local = set()
    for text in RULES.values():
        for block in re.findall(r"^ *localrules:\n((?: +\w+,\n)+)", text, re.M):
            local |= set(re.findall(r"\w+", block))
    silent = [
        name
        for text in RULES.values()
        for _, name, body in re.findall(r"^( *)rule (\w+):\n((?:\1 +.*\n|\n)+)", text, re.M)
        if "script:" in body and "asks(" not in body and name not in local
    ]
    assert silent == []


def test_jobs_of_the_paper_fit_a_gpu_and_a_day():
    paper = jobs("config.yaml")
    sample, score, train = paper.sample(BLOCK), paper.logprobs(BLOCK), paper.train(MAIN)
    assert (sample.gpus, score.gpus, train.gpus) == (1, 1, 8)
    assert 10 < sample.expected < 60 and 10 < score.expected < 120
    assert train.minutes < 24 * 60
    assert score.mem_mb > 32_000, "float32 weights of 8 billion parameters pass through the host"
    assert 8 * 16_000 < train.mem_mb < 8 * 24_000, "bfloat16 weights, once for each process"
    assert resources.gpu_gb(8e9, "float32") == 32


def test_what_training_fills_of_a_gpu():
    """Bytes a parameter: 2 of bfloat16 weights, and a share of 16."""
    counts = {8: 32, 4: 48, 2: 80, 1: 144}
    assert {n: resources.gpu_gb(8e9, "bfloat16", n) for n in counts} == pytest.approx(counts)
    assert resources.gpu_gb(8e9, "float32", 4) == pytest.approx(64)
    assert resources.gpu_gb(8e9, "float32", 1) == pytest.approx(128), "no copy"
    assert [resources.fewest(8e9, "bfloat16", gb) for gb in (80, 140, 160)] == [4, 2, 1]
    with pytest.raises(ValueError, match="leave no room in 80 GB"):
        resources.fewest(70e9, "bfloat16", 80)


def test_one_process_loads_float32_weights():
    alone = jobs("config.yaml", training_processes=1).train(MAIN)
    assert alone.mem_mb > 32_000


def test_a_faster_gpu_a_limit_and_another_attempt_change_the_minutes():
    one = jobs("config.yaml").logprobs(BLOCK)
    assert jobs("config.yaml", speed=3).logprobs(BLOCK).minutes < one.minutes / 2
    assert jobs("config.yaml", longest=60).logprobs(BLOCK, attempt=3).minutes == 60
    again = jobs("config.yaml").logprobs(BLOCK, attempt=2)
    assert again.minutes > one.minutes and again.mem_mb > one.mem_mb
    assert [resources.smaller(16_384, attempt) for attempt in (1, 2, 3)] == [16_384, 8_192, 4_096]


def test_fewer_questions_of_the_benchmarks_take_less_time():
    scored = SimpleNamespace(policy="main-1", languages="en-es-de-fr")
    raw = yaml.safe_load((ROOT / "config/one-gpu.yaml").read_text())
    minutes = {}
    for limit in (None, 200, 100_000):
        raw["evaluation"]["nlp"]["limit"] = limit
        request = Study(load_config(raw)).jobs.nlp_scores(scored)
        minutes[limit] = request.expected - resources.START
    assert minutes[200] == pytest.approx(minutes[None] / 5)
    assert minutes[100_000] == minutes[None], "no more than there are"


def test_an_aligned_model_has_the_size_of_the_one_it_started_from():
    small = jobs("small.yaml")
    assert small.parameters("main-2") == small.parameters("smollm2-135m")


def test_twice_the_work_takes_twice_the_time():
    site = Site(gpus=2)
    one = resources.sampling(site, 1e9, 1000, 1000)
    two = resources.sampling(site, 1e9, 2000, 1000)
    assert two.expected - resources.START == pytest.approx(2 * (one.expected - resources.START))


def test_the_table_in_the_docs_is_what_the_functions_give():
    page = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    assert page == filled(page, table(ROOT / "config/config.yaml")), "run `make docs`"


DRY_RUN = """\
rule sample:
    input: x
    output: results/a.parquet
    resources: tmpdir=/tmp, gpu=2, mem_mb=1000, runtime=60, expected_minutes=30, cents=0
[Sat Nov 21 08:07:09 2026]
rule sample:
    output: results/b.parquet
    resources: tmpdir=/tmp, gpu=2, runtime=90, expected_minutes=45, cents=0
localrule all:
    input: results/a.parquet
    resources: tmpdir=/tmp
rule judge:
    output: results/c.json
    resources: tmpdir=/tmp, gpu=0, runtime=15, expected_minutes=6, cents=250
"""


def test_a_plan_adds_up_the_jobs_of_a_dry_run():
    whole = plan.read(DRY_RUN)
    assert set(whole) == {"sample", "judge"}
    assert whole["sample"] == plan.Row(2, 2, 1.25, 2.5, 90, 0.0)
    text = plan.text(whole, {}, speed=1)
    assert "in all: 3 jobs, 2 GPU-hours, 2.50 USD for judges" in text
    assert "left:   0 jobs" in text
