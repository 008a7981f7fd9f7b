"""NLP benchmarks in the demo: their results, and the jobs that an edit reruns."""

import json

import pytest

LANGUAGES = ["en", "es", "ru", "de", "fr"]
COSTLY = {"sample", "logprobs", "build_pairs", "train", "align", "miniature_model", "oracle_scores"}


@pytest.mark.parametrize("policy", ["miniature-dpo", "main-1", "main-2"])
def test_every_policy_has_scores_in_every_language(demo, policy):
    for language in LANGUAGES:
        path = demo.folder / f"results/demo/nlp/{policy}/{language}/metrics.json"
        metrics = json.loads(path.read_text())
        assert set(metrics) == {"truthfulqa_mc1", "truthfulqa_mc2"}
        for score in metrics.values():
            assert score["n"] == 40 and score["substitute"]
            assert 0 <= score["stderr"] < 0.1  # 0 where all answers are right


def test_another_metric_reruns_no_scoring(edited):
    edited.edit("config/demo.yaml", "facts-mc1.yaml,", "facts-mc1.yaml, metric: acc_norm,")
    jobs = edited.planned()
    assert len(jobs["nlp_metrics"]) == 15 and "figure_nlp" in jobs
    assert not {"nlp_scores", *COSTLY} & set(jobs)


def test_the_precision_reruns_the_scoring_of_every_policy_alone(edited):
    edited.edit("config/demo.yaml", "    dtype: float32\n    batch: 128", "    batch: 128")
    jobs = edited.planned()
    assert len(jobs["nlp_scores"]) == 3
    assert not COSTLY & set(jobs)


def test_only_an_added_policy_is_scored(edited):
    edited.edit("config/demo.yaml", "[miniature-dpo, main-1, main-2]\n    languages: [en, es, ru, "
                "de, fr]\n    languages_per_job", "[miniature-sft, miniature-dpo, main-1, main-2]\n"
                "    languages: [en, es, ru, de, fr]\n    languages_per_job")  # fmt: skip
    jobs = edited.planned()
    (scored,) = jobs["nlp_scores"]
    assert "miniature-sft" in scored
    assert len(jobs["nlp_metrics"]) == 5
