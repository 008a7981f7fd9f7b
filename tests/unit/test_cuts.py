"""Cut responses: a warning where most are, an error where a model never ends."""

import pytest
from blocks import numbered_prompts, sampled_block
from tiny import eot_folder

from icr.errors import InputError
from icr.evaluation.mtbench.answers import answer_questions
from icr.evaluation.mtbench.questions import Question
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.cuts import check_cuts, cut_counts
from icr.sampling.english import Draws, english_pairs
from icr.translation.responses import Request, translate_block


def block(folder, tmp_path, max_tokens, prompts=10):
    settings = SamplingSettings(2, 1.0, max_tokens)
    rows = numbered_prompts(prompts)
    return sampled_block(folder, rows, tmp_path / "b.parquet", settings, chunk=10)


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    return eot_folder(tmp_path_factory.mktemp("c") / "m", weight=-10.0, max_position_embeddings=600)


def test_a_model_that_never_ends_is_an_error_that_names_the_causes(endless, tmp_path):
    with pytest.raises(
        InputError, match="20 of 20 responses were cut at 256 tokens: none"
    ) as caught:
        block(endless, tmp_path, 256)
    for cause in ("</s> or <|eot_id|>", "'stop'", "'chat_template'", "max_tokens is too small"):
        assert cause in str(caught.value)


def test_a_low_limit_only_warns(endless, tmp_path, capsys):
    assert (block(endless, tmp_path, 20)["finish_reason"] == "length").all()
    assert "WARNING: 20 of 20 responses were cut at 20 tokens" in capsys.readouterr().out


def test_a_model_whose_translations_never_end_is_an_error(endless, tmp_path):
    samples = block(endless, tmp_path, 5, prompts=12)
    with pytest.raises(InputError, match="were cut at 256 tokens: none ended by itself"):
        translate_block(
            endless, samples, tmp_path / "t.parquet", "en", Request("{language} {text}", "", 256),
            "transformers", BackendOptions(), 12,
        )  # fmt: skip


def test_english_pairs_of_a_model_that_never_ends_are_an_error(endless, tmp_path):
    rows = numbered_prompts(12)
    draws = Draws(1, 2, 1.5, 0.5, 256, 12)
    with pytest.raises(InputError, match="were cut at 256 tokens: none ended by itself"):
        english_pairs(endless, rows, tmp_path / "p", draws, "transformers", BackendOptions(), 1,
                      None)  # fmt: skip


def test_answers_to_mt_bench_that_never_end_are_an_error(endless, tmp_path):
    questions = {"de": [Question(str(i), "writing", (f"Say {i}!", "?"), None) for i in range(20)]}
    with pytest.raises(InputError, match="were cut at 256 tokens: none ended by itself"):
        answer_questions(
            endless, questions, tmp_path / "a", 256, "transformers", BackendOptions(), [1]
        )


@pytest.mark.parametrize(
    ("cut", "total", "warned"), [(10, 20, False), (11, 20, True), (19, 20, True), (0, 0, False)]
)
def test_more_than_half_counts_as_most(cut, total, warned, capsys):
    reasons = ["length"] * cut + ["stop"] * (total - cut)
    check_cuts(reasons, 2400, "ends")
    assert ("WARNING" in capsys.readouterr().out) == warned
    assert cut_counts(reasons) == {"cut": cut, "mostly_cut": warned}


def test_a_few_long_responses_are_no_error(capsys):
    check_cuts(["length"] * 19, 2400, "ends")
    assert "WARNING: 19 of 19" in capsys.readouterr().out
