"""Samples and scores that the paper's experiments share, by the names of their files."""

from dataclasses import replace

import pytest
from configurations import raw, shipped

from icr.config import load_config
from icr.workflow.study import Study


@pytest.fixture(scope="module")
def study():
    return shipped()


def samples(study, policy, language="es"):
    return study.blocks.samples(study.policies.iterations[policy], language)


def logprobs(study, policy, language="es"):
    step = study.policies.iterations[policy]
    return [
        path
        for scorer in (step.start, step.reference)
        for path in study.blocks.logprobs(step, scorer, language)
    ]


@pytest.mark.parametrize(
    "policy",
    ["no-length-penalty-1", "multilingual-reward-1", "translated-reward-1", "natural-reward-1"],
)
def test_rewards_and_ablations_reuse_the_samples_of_main(study, policy):
    assert samples(study, policy) == samples(study, "main-1")


def test_english_scores_are_the_same_in_every_view(study):
    english = logprobs(study, "main-1", "en")
    for policy in ("multilingual-reward-1", "translated-reward-1", "no-length-penalty-1"):
        assert logprobs(study, policy, "en") == english


def test_views_have_separate_scores_in_other_languages(study):
    names = ("main-1", "multilingual-reward-1", "translated-reward-1")
    assert len({tuple(logprobs(study, name)) for name in names}) == 3


def test_nested_prompt_sets_share_blocks(study):
    fewer, main, more = (
        set(samples(study, n)) for n in ("prompts-1000-1", "main-1", "prompts-5000-1")
    )
    assert fewer < main < more and (len(fewer), len(main), len(more)) == (2, 6, 10)
    assert set(logprobs(study, "prompts-1000-1")) < set(logprobs(study, "main-1"))


def test_a_block_has_fixed_rows_and_the_last_may_be_shorter(study):
    assert study.blocks.rows("ultrafeedback", "0002") == (1000, 500)
    config = raw()
    config["prompts"]["ultrafeedback"]["size"] = 5100
    assert Study(load_config(config)).blocks.rows("ultrafeedback", "0010") == (5000, 100)


def test_without_a_reference_nothing_is_scored_with_it(study):
    step = study.policies.iterations["no-reference-1"]
    assert (step.start, step.reference) == (study.policies.iterations["main-1"].start, None)
    assert study.blocks.logprobs(step, step.reference, "es") == []
    scored = study.blocks.logprobs(step, step.start, "es")
    assert scored and set(scored) < set(logprobs(study, "main-1"))
    assert samples(study, "no-reference-1") == samples(study, "main-1")


def test_every_block_of_samples_has_a_translation_except_in_english(study):
    step, blocks = study.policies.iterations["translated-reward-1"], study.blocks
    translations = blocks.translations(step, "es")
    assert [p.replace("/translations/", "/samples/") for p in translations] == samples(
        study, "main-1"
    )
    assert blocks.translations(step, "en") == []
    assert blocks.translations(study.policies.iterations["main-1"], "es") == []
    assert blocks.scored("translated").startswith("results/paper/translations/")
    assert blocks.scored("multilingual-authors-9").startswith("results/paper/samples/")


def test_an_external_reward_scores_the_samples_of_main(study):
    step = study.policies.iterations["natural-reward-1"]
    rewards = study.blocks.natural_rewards(step, "es")
    reward_folder = "/natural-rewards/tulu-v2.5-13b-rm/"
    assert [p.replace(reward_folder, "/samples/") for p in rewards] == samples(study, "main-1")
    assert study.blocks.logprobs(step, step.start, "es") == []
    main = study.policies.iterations["main-1"]
    assert study.blocks.natural_rewards(main, "es") == []


def test_views_condition_on_a_language(study):
    for view in ("crosslingual", "translated", "crosslingual-authors-9"):
        assert study.blocks.condition_language(view, "de") == "en"
    assert study.blocks.condition_language("multilingual", "de") == "de"


def test_the_authors_sums_cover_all_prompts_of_an_experiment(study):
    step, blocks = study.policies.iterations["main-1"], study.blocks
    assert blocks.scored_together("crosslingual", step.start, "ultrafeedback", "es") == []
    reward = step.settings.reward.model_copy(update={"tokens": "authors"})
    prompts = step.settings.prompts.model_copy(update={"count": 1000})
    row = step.settings.model_copy(update={"reward": reward, "prompts": prompts})
    step = replace(step, settings=row)
    first, second = blocks.logprobs(step, step.reference, "es")
    assert "/logprobs/crosslingual-authors-1000/" in first and second.endswith("/es/0001.parquet")
    assert blocks.split_view("crosslingual-authors-1000") == ("crosslingual", 1000)
    assert blocks.split_view("crosslingual") == ("crosslingual", None)
    together = blocks.scored_together(
        "crosslingual-authors-1000", step.start, "ultrafeedback", "es"
    )
    assert together == blocks.samples(step, "es") and len(together) == 2
    translated = blocks.scored_together("translated-authors-9", step.start, "ultrafeedback", "es")
    assert translated == [together[0].replace("/samples/", "/translations/")]
