"""What jobs ask for: sizes at paper scale, growth with the attempt, and names that SLURM gets."""

import re
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from icr.cluster import plan
from icr.cluster.measurement import Measurement
from icr.config import load_config
from icr.errors import InputError
from icr.storage.files import write_json
from icr.tables.planned import keep_planned, read_planned
from icr.workflow import rates, resources, weights
from icr.workflow.resource_table import filled, rates_table, table
from icr.workflow.resources import Site
from icr.workflow.sources import sources
from icr.workflow.study import Study

ROOT = Path(__file__).parents[2]
RULES = {path.name: path.read_text() for path in sorted((ROOT / "rules").glob("*.smk"))}


def jobs(name, **compute):
    raw = yaml.safe_load((ROOT / "config" / name).read_text())
    raw["compute"] |= compute
    return Study(load_config(raw)).jobs


BLOCK = SimpleNamespace(
    prompts="ultrafeedback", languages="es", blocks="0000", policy="main-1", scorer="llama-3-8b-sft"
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
    on_cpu = {"build_pairs", "answer_pairs", "miniature", "representation"}
    rule = re.compile(r"^ *(?:use rule \w+ as|rule) (\w+)(?: with)?:\n", re.M)
    asked = set()
    for text in RULES.values():
        _, *parts = rule.split(text)
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            job = re.search(r"resources_of\(\s*(?:jobs|calibrations)\.(\w+)", body)
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
        if "script:" in body and "resources_of(" not in body and name not in local
    ]
    assert silent == []


def test_jobs_of_the_paper_fit_a_gpu_and_a_day():
    paper = jobs("config.yaml")
    sample, score, train = paper.sample(BLOCK), paper.logprobs(BLOCK), paper.train(MAIN)
    assert (sample.gpus, score.gpus, train.gpus) == (1, 1, 4)
    assert 5 < sample.expected < 60 and 5 < score.expected < 120
    assert train.minutes < 24 * 60
    assert score.mem_mb > 32_000, "float32 weights of 8 billion parameters pass through the host"
    assert 4 * 16_000 < train.mem_mb < 4 * 24_000, "bfloat16 weights, once for each process"
    assert weights.gpu_gb(8e9, "float32") == 32


def test_what_training_fills_of_a_gpu():
    """Bytes a parameter: 2 of bfloat16 weights, and a share of 16."""
    counts = {8: 32, 4: 48, 2: 80, 1: 144}
    assert {n: weights.gpu_gb(8e9, "bfloat16", n) for n in counts} == pytest.approx(counts)
    assert weights.gpu_gb(8e9, "float32", 4) == pytest.approx(64)
    assert weights.gpu_gb(8e9, "float32", 1) == pytest.approx(128), "no copy"
    assert [weights.fewest(8e9, "bfloat16", gb) for gb in (80, 140, 160)] == [4, 2, 1]
    with pytest.raises(ValueError, match="leave no room in 80 GB"):
        weights.fewest(70e9, "bfloat16", 80)


def test_one_process_loads_float32_weights():
    alone = jobs("config.yaml", training_processes=1).train(MAIN)
    assert alone.mem_mb > 32_000


def test_a_faster_gpu_a_limit_and_another_attempt_change_the_minutes():
    paper = jobs("config.yaml")
    one, start = paper.logprobs(BLOCK), paper.work.site.start(16_060) / 60
    fast = jobs("config.yaml", speed=3).logprobs(BLOCK)
    assert 3 * (fast.expected - start) == pytest.approx(one.expected - start, rel=0.01)
    assert fast.minutes < one.minutes
    assert jobs("config.yaml", longest=30).logprobs(BLOCK, attempt=3).minutes == 30
    again = jobs("config.yaml").logprobs(BLOCK, attempt=2)
    assert again.minutes > one.minutes
    assert again.mem_mb == one.mem_mb, "only a job that ran out of memory asks for more"
    assert [resources.smaller(16_384, attempt) for attempt in (1, 2, 3)] == [16_384, 8_192, 4_096]


def test_memory_grows_by_half_with_each_time_that_it_ran_out_up_to_the_site_s():
    site = Site()
    assert [site.memory_after(failures, 9_500) for failures in range(3)] == [10_000, 15_000, 19_000]
    capped = replace(site, memory=12)
    assert [capped.memory_after(failures, 9_500) for failures in (0, 1, 2)] == [
        10_000,
        *[12_000] * 2,
    ]
    assert jobs("config.yaml", memory=16).train(MAIN).mem_mb == 16_000


def test_fewer_questions_of_the_benchmarks_take_less_time():
    scored = SimpleNamespace(policy="main-1", languages="en-es-de-fr")
    raw = yaml.safe_load((ROOT / "config/one-gpu.yaml").read_text())
    minutes = {}
    for limit in (None, 200, 100_000):
        raw["evaluation"]["nlp"]["limit"] = limit
        jobs = Study(load_config(raw)).jobs
        start = jobs.work.site.start(weights.host(jobs.work.parameters("main-1"), "bfloat16")) / 60
        minutes[limit] = jobs.nlp_scores(scored).expected - start
    assert minutes[200] == pytest.approx(minutes[None] / 5)
    assert minutes[100_000] == minutes[None], "no more than there are"


def test_an_aligned_model_has_the_size_of_the_one_it_started_from():
    small = jobs("small.yaml")
    assert small.work.parameters("main-2") == small.work.parameters("smollm2-135m")


def test_twice_the_work_takes_twice_the_time():
    site = Site(gpus=2, at_once=1000)
    one = resources.sampling(site, 1e9, 1000, 1000)
    two = resources.sampling(site, 1e9, 2000, 1000)
    start = site.start(2000, "engine") / 60
    assert two.expected - start == pytest.approx(2 * (one.expected - start))


def test_the_table_in_the_docs_is_what_the_functions_give():
    page = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    assert page == filled(page, table(ROOT / "config/config.yaml")), "run `make docs`"
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert page == filled(page, rates_table()), "run `make docs`"


DRY_RUN = """\
rule sample:
    input: x
    output: results/a.parquet
    resources: tmpdir=/tmp, gpu=2, cpus=8, mem_mb=1000, runtime=60, expected_seconds=1800, cents=0
[Sat Nov 21 08:07:09 2026]
rule sample:
    output: results/b.parquet
    resources: tmpdir=/tmp, gpu=2, cpus=4, mem_mb=9000, runtime=90, expected_seconds=2700, cents=0
localrule all:
    input: results/a.parquet
    resources: tmpdir=/tmp
rule judge:
    output: results/c.json
    resources: tmpdir=/tmp, gpu=0, runtime=15, expected_seconds=360, cents=250
"""


def test_a_plan_adds_up_the_jobs_of_a_dry_run():
    whole = plan.read(DRY_RUN)
    assert set(whole) == {"sample", "judge"}
    assert whole["sample"] == plan.Row(2, 2, 1.25, 2.5, 90, 0.0, cpus=8, memory=9000)
    text = plan.text(whole, {}, ["Minutes follow from: nothing"])
    line = next(line.split() for line in text.splitlines() if line.startswith("sample"))
    assert line == ["sample", "2", "0", "2", "8", "9", "38", "90", "2", "0.00"]
    assert text.endswith("nothing")
    assert "in all: 3 jobs, 2 GPU-hours, 2.50 USD for judges" in text
    assert "left:   0 jobs" in text


def test_longer_waits_fuller_batches_and_half_precision_change_the_hours():
    """What the plan says of scoring in half precision, balanced training and fuller jobs."""
    site = Site(processes=8)

    def scored(precision):
        return resources.scoring(site, 8e9, 500, 5000, 2400, precision).expected

    assert scored("auto") < scored("float32") / 8
    at_once = resources.sampling(replace(site, at_once=5000), 8e9, 5000, 2400).expected
    chunked = replace(site, at_once=1000)
    chunks = resources.sampling(chunked, 8e9, 5000, 2400).expected
    assert chunks - at_once == pytest.approx(4 * 2400 * 16e9 / 1.6e12 / 60), "four drained engines"
    # 5,700 and 7,400 tokens a second were simulated.
    for asked, rate in ((chunks, 5700), (at_once, 7400)):
        seconds = 60 * asked - site.start(16_000, "engine")
        assert 5000 * 480 / seconds == pytest.approx(rate, rel=0.02)


def test_processes_of_a_training_wait(monkeypatch):
    def hours(processes):
        job = resources.training(Site(processes=processes), 8e9, 15_000, 2400, "bfloat16")
        return job.gpus * job.expected / 60

    eight, four = hours(8), hours(4)
    monkeypatch.setattr(resources, "BATCHING", "padded")
    assert eight < 0.6 * hours(8) and four < 0.65 * hours(4) and four < eight
    assert rates.waiting("balanced", 16) == rates.waiting("balanced", 8)


def test_every_rate_names_its_source():
    for rate in {**rates.A100, **rates.THREAD}.values():
        assert rate.value > 0 and rate.source and rate.shown[0].isdigit(), rate.meaning


MEASURED = Measurement(
    work="scoring", model="llama-3-8b-sft", parameters=8.03e9, random_weights=True,
    settings={"precision": "auto"}, gpus=1, cpus=8, gpu="NVIDIA A100-SXM4-80GB",
    tokens=600_000, tokens_per_second=1000.0, start_seconds=60.0, host_gb=40.0, gpu_gb=50.0,
)  # fmt: skip


def said(jobs):
    """Where the plan's minutes come from, without its line breaks."""
    return " ".join(" ".join(sources(jobs.work)).split())


def test_a_measurement_takes_the_place_of_estimates(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    estimated = jobs("config.yaml")
    assert "scoring: estimated, not measured" in said(estimated)
    write_json(asdict(MEASURED), "resources/calibration/paper/scoring.json")
    measured = jobs("config.yaml")
    asked, tokens = measured.logprobs(BLOCK), 500 * 250 + 5000 * 480
    seconds = 60 + tokens / 1000 * 8 / 8.03
    assert asked.expected == pytest.approx(seconds / 60, rel=0.03)
    assert asked.mem_mb == 50_000, "40 GB and a quarter to spare"
    assert measured.sample(BLOCK) == estimated.sample(BLOCK)
    text = said(measured)
    assert "scoring: measured, 1,000 tokens/s with llama-3-8b-sft on 1 x NVIDIA A100" in text
    assert "sampling: estimated, not measured" in text


def test_a_measurement_with_other_settings_is_not_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = jobs("config.yaml")
    other = replace(MEASURED, settings={"precision": "bfloat16"})
    write_json(asdict(other), "resources/calibration/paper/scoring.json")
    after = jobs("config.yaml")
    assert after.logprobs(BLOCK) == before.logprobs(BLOCK)
    assert "measured with other settings: run `calibrate` again" in said(after)
    write_json({"work": "scoring"}, "resources/calibration/paper/scoring.json")
    with pytest.raises(InputError, match="no measurement of this version"):
        jobs("config.yaml")


def test_what_was_planned_is_kept_beside_the_benchmarks(tmp_path):
    def job(name, **resources):
        return SimpleNamespace(benchmark=name and f"{tmp_path}/{name}.tsv", resources=resources)

    keep_planned([job("samples/a/0000", expected_seconds=90, gpu=2)], str(tmp_path))
    keep_planned([job("nlp/a", expected_seconds=60, gpu=0), job(None)], str(tmp_path))
    assert read_planned(tmp_path) == {"samples/a/0000": (90, 2), "nlp/a": (60, 0)}
