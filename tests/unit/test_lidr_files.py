"""Which answers the pairs of Language Imbalance Driven Rewarding are made of."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from icr.config import load_config
from icr.workflow.study import Study

CONFIG = Path(__file__).resolve().parents[2] / "config/config.yaml"


@pytest.fixture(scope="module")
def study():
    return Study(load_config(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))))


FOLDER = "results/paper/greedy-translations/llama-3-8b-sft-dpo/ultrafeedback"


def test_lidr_answers_in_english_once_for_all_languages(study):
    step, greedy = study.policies.iterations["lidr-in-icr-setting-1"], study.greedy
    assert greedy.others(step, "de") == ["en"]
    assert greedy.others(step, "en") == ["es", "ru", "de", "fr"]
    assert greedy.translations(step, "en", "de") == f"{FOLDER}/en-de/3000.parquet"
    assert greedy.greedy(step, "en").startswith("results/paper/greedy/")
    answers = greedy.answers(step, "de")
    assert (answers["translated"], answers["backward"], answers["english"]) == (
        [f"{FOLDER}/en-de/3000.parquet"], [], [],
    )  # fmt: skip


def test_the_switches_of_lidr_decide_which_answers_its_pairs_need(study):
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
