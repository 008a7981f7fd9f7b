"""The context of a model, and prompts that leave little or no room for a response."""

import pytest
import torch
from blocks import sampled_block
from tiny import tiny_folder, tiny_tokenizer
from transformers import (
    BloomConfig,
    CohereConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    MistralConfig,
    Phi3Config,
)

from icr.errors import InputError
from icr.evaluation.mtbench.answers import answer_questions
from icr.evaluation.mtbench.questions import Question
from icr.sampling import BackendOptions, SamplingSettings, open_sampler
from icr.sampling.english import Draws, english_pairs
from icr.sampling.room import Room, room
from icr.translation.responses import Request, translate_block

CONTEXT = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("room") / "m", max_position_embeddings=CONTEXT)


def limit_of(config, tmp_path, option=None):
    config.save_pretrained(tmp_path)
    return room(tmp_path, option).limit


LONG = {"rope_type": "longrope", "short_factor": [1.0] * 48, "long_factor": [2.0] * 48,
        "original_max_position_embeddings": 4096}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        (LlamaConfig(max_position_embeddings=8192), 8192),
        (LlamaConfig(max_position_embeddings=2048, rope_scaling={"type": "linear", "factor": 4.0}),
         8192),
        (LlamaConfig(max_position_embeddings=2048, rope_scaling={"type": "dynamic", "factor": 2.0}),
         4096),
        (LlamaConfig(max_position_embeddings=131072, rope_scaling={
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192}), 131072),
        (LlamaConfig(max_position_embeddings=32768, rope_scaling={
            "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}), 32768),
        (MistralConfig(max_position_embeddings=32768, sliding_window=4096), 32768),
        (CohereConfig(max_position_embeddings=8192, model_max_length=131072), 131072),
        (GPT2Config(n_positions=1024), 1024),
        (BloomConfig(seq_length=2048), 2048),
        (BloomConfig(), None),
        (Phi3Config(max_position_embeddings=131072, original_max_position_embeddings=4096,
                    rope_scaling=LONG), 4096),
    ],
)  # fmt: skip
def test_the_limit_comes_from_the_model(config, limit, tmp_path):
    assert limit_of(config, tmp_path) == limit


def test_an_option_lowers_the_limit_and_never_raises_it(tmp_path):
    llama = LlamaConfig(max_position_embeddings=8192)
    assert limit_of(llama, tmp_path, 4096) == 4096
    assert limit_of(llama, tmp_path, 100_000) == 8192
    assert limit_of(BloomConfig(), tmp_path, 3000) == 3000


def test_a_longrope_model_exceeds_its_shorter_length_only_by_the_option(tmp_path):
    phi = Phi3Config(max_position_embeddings=131072, original_max_position_embeddings=4096,
                     rope_scaling=LONG)  # fmt: skip
    assert limit_of(phi, tmp_path, 20_000) == 20_000


def rows(*lengths):
    return [{"instruction": "x" * n, "instruction_id": f"p{n}"} for n in lengths]


def block(folder, prompts, tmp_path, **changes):
    settings = SamplingSettings(2, 1.0, 30)
    return sampled_block(folder, prompts, tmp_path / "b.parquet", settings, **changes)


def test_a_prompt_without_room_is_named_before_sampling_starts(folder, tmp_path):
    with pytest.raises(
        InputError, match="1 of 2 prompts .* prompt p80: it has 83 tokens"
    ) as caught:
        block(folder, rows(10, 80), tmp_path, backend="never opened")
    assert "together may have 64 (the model's context)" in str(caught.value)
    assert "leave them out" in str(caught.value)


def test_a_response_never_exceeds_the_context(folder, tmp_path, capsys):
    table = block(folder, rows(10, 50, 60), tmp_path, chunk=3)
    together = table["prompt_ids"].map(len) + table["response_ids"].map(len)
    assert together.max() == CONTEXT
    assert table["response_ids"].map(len)[:2].max() == 30
    assert (table["finish_reason"][together == CONTEXT] == "length").all()
    assert "2 of 3 prompts leave less room than max_tokens (30), 1 tokens at least" in (
        capsys.readouterr().out
    )


def test_a_long_prompt_in_the_batch_changes_nothing(folder):
    prompts = [[1, 3, *range(5, 5 + n), 4] for n in (5, 50)]
    with open_sampler(
        "transformers", folder, SamplingSettings(3, 1.0, 30), BackendOptions()
    ) as sampler:
        both, alone = sampler.generate(prompts, [1, 2]), sampler.generate(prompts[:1], [1])
    assert both[0] == alone[0]
    assert max(len(sample.response_ids) for sample in both[1]) == CONTEXT - 53


def test_learned_positions_are_never_exceeded(tmp_path):
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=261, n_positions=CONTEXT, n_embd=32, n_layer=1, n_head=2,
                        bos_token_id=1, eos_token_id=2)  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    prompts = [[1, 3, *range(5, 5 + n), 4] for n in (5, 55)]
    with open_sampler(
        "transformers", tmp_path, SamplingSettings(2, 1.0, 30), BackendOptions()
    ) as sampler:
        short, long = sampler.generate(prompts, [1, 2])
    assert max(len(sample.response_ids) for sample in short) == 30
    assert max(len(sample.response_ids) for sample in long) == CONTEXT - 58


def test_a_sampler_refuses_a_prompt_without_room(folder):
    with (
        open_sampler(
            "transformers", folder, SamplingSettings(1, 1.0, 9), BackendOptions()
        ) as sampler,
        pytest.raises(InputError, match="leave no room"),
    ):
        sampler.generate([[1] * CONTEXT], [1])


def test_a_first_turn_without_room_is_named(folder, tmp_path):
    questions = {"de": [Question("7", "writing", ("x" * 90, "?"), None)]}
    with pytest.raises(InputError, match="first prompt de/7: it has 93 tokens"):
        answer_questions(
            folder, questions, tmp_path / "a", 9, "never opened", BackendOptions(), (1,)
        )


def test_a_second_turn_without_room_is_marked(folder, tmp_path):
    questions = {"de": [Question("7", "writing", ("x" * 40, "y" * 40), None)]}
    table = answer_questions(
        folder, questions, tmp_path / "a", 9, "transformers", BackendOptions(), (1,)
    )
    assert table["finish_reason"].tolist()[1] == "no room"


def test_a_response_too_long_to_translate_has_failed(folder, tmp_path):
    samples = block(folder, rows(10, 50), tmp_path)
    samples["response"] = ["a", "b", "c" * 90, "d"]
    table = translate_block(
        folder, samples, tmp_path / "t.parquet", "en", Request("{language} {text}", "", 30),
        "transformers", BackendOptions(), 5,
    )  # fmt: skip
    assert (table["failed"] == "too-long").tolist() == [False, False, True, False]


def test_english_pairs_name_a_prompt_without_room(folder, tmp_path):
    draws = Draws(1, 2, 1.0, 0.3, 9, 5)
    with pytest.raises(InputError, match="first prompt p80"):
        english_pairs(folder, rows(10, 80), tmp_path / "p", draws, "never opened",
                      BackendOptions(), 1, None)  # fmt: skip


def test_without_a_limit_everything_fits():
    assert Room(None, "").left([1] * 10**6, 7) == 7
