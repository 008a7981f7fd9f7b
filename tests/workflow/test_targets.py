"""Targets of single tables and figures compute what they need, and nothing else."""

from pathlib import Path

import pytest
import yaml
from checkout import Checkout

from icr.config import load_config
from icr.tables.description import read_description
from icr.workflow.grouping import Span
from icr.workflow.study import Study


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("targets"))


def jobs(checkout, *targets, config="config"):
    file = f"config/{config}.yaml"
    return checkout.planned("--configfile", file, "--", *targets, profile=False)


def trained(planned):
    """Policies that a plan trains."""
    return {output.split(",")[0].split("/")[-1] for output in planned["train"]}


def judged(planned):
    """Policies and languages that a plan judges."""
    return {tuple(output.split("/")[3:5]) for output in planned["xalpacaeval_judge"]}


def parts(files):
    """How many blocks jobs make, counted in each of their languages."""
    jobs = [Span.named(Path(file).parent.name, Path(file).stem) for file in files]
    return sum(len(job.parts) for job in jobs)


LANGUAGES = {"en", "es", "ru", "de", "fr"}
AROUND_TABLES = {"fetch_model", "fetch_prompts", "fetch_questions", "fetch_references",
                 "check_prompts", "length_table"}  # fmt: skip
LOOP = {"sample", "arithmetic", "logprobs", "build_pairs", "train"}
JUDGING = {"xalpacaeval_sample", "xalpacaeval_judge", "xalpacaeval_metrics"}


def test_table13_trains_on_three_sizes_and_judges_the_policies(checkout):
    planned = jobs(checkout, "table13")
    assert set(planned) == AROUND_TABLES | LOOP | JUDGING | {"table13"}
    assert trained(planned) == {"main-1", "prompts-1000-1", "prompts-5000-1"}
    policies = trained(planned) | {"llama-3-8b-sft-dpo"}
    assert judged(planned) == {(p, la) for p in policies for la in LANGUAGES}
    # Prompt sets nest: the 5,000 prompts per language contain the smaller sets.
    assert parts(planned["sample"]) == 10 * 5 and parts(planned["logprobs"]) == 2 * 10 * 5


def test_figure3_trains_by_three_rewards_and_judges_the_policies(checkout):
    planned = jobs(checkout, "figure3")
    assert set(planned) == AROUND_TABLES | LOOP | JUDGING | {"self_translate", "figure3"}
    assert trained(planned) == {"main-1", "multilingual-reward-1", "translated-reward-1"}
    policies = trained(planned) | {"llama-3-8b-sft-dpo"}
    assert judged(planned) == {(p, la) for p in policies for la in LANGUAGES}
    assert parts(planned["sample"]) == 6 * 5 and parts(planned["self_translate"]) == 6 * 4


def test_the_nlp_benchmarks_are_a_target_like_the_other_evaluations(checkout):
    planned = jobs(checkout, "nlp_benchmarks", config="demo")
    assert {"nlp_scores", "nlp_metrics", "figure_nlp"} <= set(planned)
    assert len(planned["nlp_scores"]) == 3  # π⁰ and main's iterations
    assert not {"xalpacaeval_judge", "mtbench_answers", "report"} & set(planned)


def test_tables_of_settings_need_nothing(checkout):
    assert set(jobs(checkout, "table7", "table9")) == {"table7", "table9"}


def test_figure1_needs_less_than_its_table(checkout):
    figure, table = jobs(checkout, "figure1"), jobs(checkout, "table2")
    assert trained(figure) == {"main-1", "main-2"}
    assert trained(figure) < trained(table)
    assert "xalpacaeval_judge" in figure and len(judged(figure)) == 15


def test_rivals_train_the_first_policy_of_each_row_on_mains_samples(checkout):
    planned = jobs(checkout, "rivals")
    assert {"table_rivals", "figure_rivals", "hidden_states", "greedy"} <= set(planned)
    config = yaml.safe_load((checkout.folder / "config/config.yaml").read_text(encoding="utf-8"))
    policies = {rival.policy for rival in Study(load_config(config)).rivals.rivals}
    assert trained(planned) == policies
    assert judged(planned) == {
        (p, la) for p in policies | {"llama-3-8b-sft-dpo"} for la in LANGUAGES
    }
    assert parts(planned["sample"]) == 6 * 5 and parts(planned["hidden_states"]) == 6 * 5


def test_a_run_with_one_system_has_no_rivals(checkout):
    command = ["-n", "--configfile", "config/demo.yaml", "--", "rivals"]
    done = checkout.snakemake(*command, profile=False, check=False)
    assert done.returncode and "no two systems to compare" in done.stdout


def test_claims_about_reward_models_train_them_and_only_policies_of_theirs(checkout):
    planned = jobs(checkout, "claims", config="demo-transfer")
    assert "logprobs" not in planned and len(planned["align"]) == len(planned["sample"]) == 1
    policies = {output.split(",")[0].split("/")[-1] for output in planned["train"]}
    assert policies == {"croco-64-1", "croco-64-lowest-1"}
    models = {output.split(",")[0].split("/")[-1] for output in planned["train_reward_model"]}
    damaged = [f"{la}-damaged{share}" for la in ("es", "ru") for share in ("-25", "", "-75")]
    assert models == {f"miniature-rm-{name}" for name in ("en", "es", "ru", "multi", *damaged)}


def test_every_table_and_figure_is_a_target_of_every_configuration(checkout):
    description = read_description(checkout.folder / "config/tables.yaml")
    assert list(description.tables) == list(range(1, 16)) and list(description.figures) == [1, 3, 4]
    for config in ("config", "demo"):
        planned = jobs(checkout, "all", config=config)
        assert {f"table{number}" for number in description.tables} <= set(planned)
        assert {f"figure{number}" for number in description.figures} <= set(planned)


def test_the_representation_shift_adds_only_its_own_jobs(checkout):
    """States of the reward model and of its base in five languages; nothing is scored again."""
    without = jobs(checkout, "rewardbench", config="demo-all")
    text = (checkout.folder / "config/demo-all.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)
    config["evaluation"]["rewardbench"]["representation"] = True
    (checkout.folder / "config/shift.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    planned = jobs(checkout, "rewardbench", config="shift")
    rules = {rule: sorted(files) for rule, files in planned.items()}
    assert "natural_triple_scores" in without
    assert {rule: rules[rule] for rule in without} == {
        rule: sorted(files) for rule, files in without.items()
    }
    assert {rule: len(rules[rule]) for rule in rules.keys() - without.keys()} == {
        "triple_states": 2 * 5, "representation": 2, "representation_table": 1
    }  # fmt: skip
