"""The answer files from which LIDR (Language Imbalance Driven Rewarding) makes its pairs."""

from dataclasses import replace

import pytest
from configurations import shipped


@pytest.fixture(scope="module")
def study():
    return shipped()


FOLDER = "results/paper/greedy-translations/llama-3-8b-sft-dpo/ultrafeedback"


def test_english_answers_are_shared_by_all_languages(study):
    step, greedy = study.policies.iterations["lidr-in-icr-setting-1"], study.greedy
    assert greedy.others(step, "de") == ["en"]
    assert greedy.others(step, "en") == ["es", "ru", "de", "fr"]
    assert greedy.translations(step, "en", "de") == f"{FOLDER}/en-de/3000.parquet"
    assert greedy.greedy(step, "en").startswith("results/paper/greedy/")
    answers = greedy.answers(step, "de")
    assert (answers["translated"], answers["backward"], answers["english"]) == (
        [f"{FOLDER}/en-de/3000.parquet"], [], [],
    )  # fmt: skip


def test_the_switches_of_lidr_determine_its_answer_files(study):
    step = study.policies.iterations["lidr-in-icr-setting-1"]
    switches = {"failed": "prompt", "english": "last", "untranslated": ["1"]}
    settings = step.settings.pairs.lidr.model_copy(update=switches)
    pairs = step.settings.pairs.model_copy(update={"lidr": settings})
    step = replace(step, settings=step.settings.model_copy(update={"pairs": pairs}))
    german, english = study.greedy.answers(step, "de"), study.greedy.answers(step, "en")
    assert german["translated"] == [f"{FOLDER}/en-de/3000.parquet"]
    assert german["backward"] == [f"{FOLDER}/de-en/3000.parquet"]
    assert german["english"] == [study.greedy.greedy(step, "en")]
    assert english["translated"] == [f"{FOLDER}/fr-en/3000.parquet"]
    assert english["backward"] == [f"{FOLDER}/en-fr/3000.parquet"]
    assert english["english"] == [] and english["own"] == german["english"][0]
