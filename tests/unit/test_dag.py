"""What the experiments of the paper share, told by the names of their files."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from icr.config import load_config
from icr.workflow.dag import Dag

CONFIG = Path(__file__).resolve().parents[2] / "config/config.yaml"


@pytest.fixture(scope="module")
def dag():
    return Dag(load_config(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))))


def samples(dag, policy, language="es"):
    step = dag.iterations[policy]
    return dag.samples(step.start, step.settings, language)


def logprobs(dag, policy, language="es"):
    step = dag.iterations[policy]
    return [
        path
        for scorer in (step.start, step.reference)
        for path in dag.logprobs(step.start, scorer, step.settings, language)
    ]


@pytest.mark.parametrize(
    "policy",
    ["no-length-penalty-1", "multilingual-reward-1", "translated-reward-1", "natural-reward-1"],
)
def test_rewards_and_ablations_read_mains_samples(dag, policy):
    assert samples(dag, policy) == samples(dag, "main-1")


def test_english_scores_are_the_same_in_every_view(dag):
    english = logprobs(dag, "main-1", "en")
    for policy in ("multilingual-reward-1", "translated-reward-1", "no-length-penalty-1"):
        assert logprobs(dag, policy, "en") == english


def test_views_have_scores_of_their_own_elsewhere(dag):
    names = ("main-1", "multilingual-reward-1", "translated-reward-1")
    assert len({tuple(logprobs(dag, name)) for name in names}) == 3


def test_prompt_sets_that_nest_share_their_blocks(dag):
    fewer, main, more = (
        set(samples(dag, n)) for n in ("prompts-1000-1", "main-1", "prompts-5000-1")
    )
    assert fewer < main < more and (len(fewer), len(main), len(more)) == (2, 6, 10)
    assert set(logprobs(dag, "prompts-1000-1")) < set(logprobs(dag, "main-1"))


def test_the_moving_reference_shares_the_first_iteration(dag):
    assert dag.policy("previous-reference", 1) == "main-1"
    step = dag.iterations["previous-reference-2"]
    assert (step.start, step.reference) == ("main-1", "llama-3-8b-sft-dpo")


def test_without_a_reference_nothing_is_sampled_or_scored_for_it(dag):
    step = dag.iterations["no-reference-1"]
    assert (step.start, step.reference) == (dag.iterations["main-1"].start, None)
    scored = dag.logprobs(step.start, step.start, step.settings, "es")
    assert set(scored) < set(logprobs(dag, "main-1"))
    assert samples(dag, "no-reference-1") == samples(dag, "main-1")


def test_translations_belong_to_samples_and_english_needs_none(dag):
    step = dag.iterations["translated-reward-1"]
    found = dag.translations(step.start, step.settings, "es")
    assert [p.replace("/translations/", "/samples/") for p in found] == samples(dag, "main-1")
    assert dag.translations(step.start, step.settings, "en") == []
    assert dag.translations(step.start, dag.iterations["main-1"].settings, "es") == []
    assert dag.scored_file("translated").startswith("results/paper/translations/")
    assert dag.scored_file("multilingual-authors-9").startswith("results/paper/samples/")


def test_an_external_reward_is_only_judged(dag):
    step = dag.iterations["natural-reward-1"]
    found = dag.natural_rewards(step.start, step.settings, "es")
    there = "/natural-rewards/tulu-v2.5-13b-rm/"
    assert [p.replace(there, "/samples/") for p in found] == samples(dag, "main-1")
    assert "natural-reward-1" not in dag.trained and "natural-reward-1" in dag.rewarded
    assert "natural-reward-1" not in dag.implicit
    assert dag.lineage("natural-reward") == ["llama-3-8b-sft", "llama-3-8b-sft-dpo"]
    main = dag.iterations["main-1"]
    assert dag.natural_rewards(main.start, main.settings, "es") == []


def test_lidr_answers_in_english_once_for_all_languages(dag):
    there = "lidr-in-icr-setting"
    assert dag.lidr == [f"{there}-1", f"{there}-2", "lidr-1", "lidr-2"]
    step = dag.iterations[f"{there}-1"]
    row = step.settings
    assert dag.lidr_sources(row, "de") == ["en"]
    assert dag.lidr_sources(row, "en") == ["es", "ru", "de", "fr"]
    folder = "results/paper/greedy-translations/llama-3-8b-sft-dpo/ultrafeedback"
    assert dag.greedy_translations(step.start, row, "en", "de") == f"{folder}/en-de/3000.parquet"
    assert dag.greedy(step.start, row, "en").startswith("results/paper/greedy/")
    answers = dag.lidr_answers(step, "de")
    assert (answers["translated"], answers["backward"], answers["english"]) == (
        [f"{folder}/en-de/3000.parquet"], [], [],
    )  # fmt: skip


def test_the_switches_of_lidr_decide_which_answers_its_pairs_need(dag):
    step = dag.iterations["lidr-in-icr-setting-1"]
    switches = {"failed": "prompt", "english": "last", "untranslated": ["1"]}
    lidr = step.settings.pairs.lidr.model_copy(update=switches)
    pairs = step.settings.pairs.model_copy(update={"lidr": lidr})
    step = replace(step, settings=step.settings.model_copy(update={"pairs": pairs}))
    folder = "results/paper/greedy-translations/llama-3-8b-sft-dpo/ultrafeedback"
    german, english = dag.lidr_answers(step, "de"), dag.lidr_answers(step, "en")
    assert german["translated"] == [f"{folder}/en-de/3000.parquet"]
    assert german["backward"] == [f"{folder}/de-en/3000.parquet"]
    assert german["english"] == [dag.greedy(step.start, step.settings, "en")]
    assert english["translated"] == [f"{folder}/fr-en/3000.parquet"]
    assert english["backward"] == [f"{folder}/en-fr/3000.parquet"]
    assert english["english"] == [] and english["own"] == german["english"][0]


def test_what_a_view_conditions_on(dag):
    for view in ("crosslingual", "translated", "crosslingual-authors-9"):
        assert dag.condition_file(view, "ultrafeedback", "de").endswith("/en.jsonl")
    assert dag.condition_file("multilingual", "ultrafeedback", "de").endswith("/de.jsonl")


def test_the_authors_sums_are_taken_over_all_prompts_of_an_experiment(dag):
    step = dag.iterations["main-1"]
    assert dag.scored_together("crosslingual", step.start, "ultrafeedback", "es") == []
    reward = step.settings.reward.model_copy(update={"tokens": "authors"})
    prompts = step.settings.prompts.model_copy(update={"count": 1000})
    row = step.settings.model_copy(update={"reward": reward, "prompts": prompts})
    first, second = dag.logprobs(step.start, step.reference, row, "es")
    assert "/logprobs/crosslingual-authors-1000/" in first and second.endswith("/es/0001.parquet")
    assert dag.split_view("crosslingual-authors-1000") == ("crosslingual", 1000)
    assert dag.split_view("crosslingual") == ("crosslingual", None)
    together = dag.scored_together("crosslingual-authors-1000", step.start, "ultrafeedback", "es")
    assert together == dag.samples(step.start, row, "es") and len(together) == 2
    translated = dag.scored_together("translated-authors-9", step.start, "ultrafeedback", "es")
    assert translated == [together[0].replace("/samples/", "/translations/")]


def test_models_that_only_evaluations_name_are_not_needed(dag):
    assert dag.models == [
        "llama-3-8b-sft", "llama-3-8b-sft-dpo", "llama-3-8b-sft-kto", "llama-3-8b-instruct",
        "tulu-v2.5-13b-rm",
    ]  # fmt: skip


def test_large_models_answer_on_several_gpus(dag):
    assert dag.gpus("qwen2-72b-instruct") == 4 and dag.gpus("main-2") == 1
    assert dag.backend_options("qwen2-72b-instruct")["tensor_parallel"] == 4
    assert "tensor_parallel" not in dag.backend_options("main-2")
