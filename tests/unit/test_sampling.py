"""Sampling with the transformers backend: seeds, distribution, end tokens and prompts."""

import numpy as np
import pytest
import torch
from blocks import numbered_prompts, sampled_block
from tiny import TEMPLATE, tiny_folder, tiny_tokenizer

from icr.errors import InputError
from icr.models.chat import check_tokenizer, pad_id, prompt_ids
from icr.sampling import BackendOptions, SamplingSettings, open_sampler

PROMPTS = [[1, 3, 50, 60, 4], [1, 3, 70, 4], [1, 3, *range(80, 100), 4]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("m") / "model")


def sample(folder, prompts=PROMPTS, seeds=(1, 2, 3), batch=64, **settings):
    plain = {"n": 4, "temperature": 1.0, "max_tokens": 12}
    options = BackendOptions(batch=batch)
    with open_sampler(
        "transformers", folder, SamplingSettings(**{**plain, **settings}), options
    ) as sampler:
        return sampler.generate(prompts, seeds)


def test_a_seed_reproduces_its_samples_and_others_differ(folder):
    once, again = sample(folder), sample(folder)
    assert once == again
    assert sample(folder, seeds=(4, 5, 6)) != once
    assert all(len({tuple(s.response_ids) for s in group}) == 4 for group in once)


def test_samples_do_not_depend_on_the_batch(folder):
    whole = sample(folder)
    assert sample(folder, prompts=[PROMPTS[1]], seeds=[2]) == [whole[1]]
    assert sample(folder, prompts=PROMPTS[::-1], seeds=(3, 2, 1)) == whole[::-1]
    assert sample(folder, batch=4) == whole


def test_each_prompt_may_have_its_own_temperature(folder):
    settings = SamplingSettings(n=1, temperature=1.0, max_tokens=12)
    with open_sampler("transformers", folder, settings, BackendOptions()) as sampler:
        mixed = sampler.generate(PROMPTS, (1, 2, 3), [0.0, 1.0, 0.0])
    cold, warm = sample(folder, n=1, temperature=0.0), sample(folder, n=1)
    assert mixed == [cold[0], warm[1], cold[2]]


def test_the_end_token_is_recorded_if_and_only_if_the_response_ended(folder):
    groups = sample(folder, n=40, max_tokens=30, temperature=2.0)
    samples = [response for group in groups for response in group]
    assert {response.finish_reason for response in samples} == {"stop", "length"}
    for response in samples:
        ended = response.finish_reason == "stop"
        assert (response.response_ids[-1] == 2) == ended and 2 not in response.response_ids[:-1]
        assert ended or len(response.response_ids) == 30


def test_greedy_decoding_matches_the_generate_method(folder):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    for prompt, group in zip(PROMPTS, sample(folder, n=1, temperature=0.0), strict=True):
        own = model.generate(torch.tensor([prompt]), max_new_tokens=12, do_sample=False)
        own = own[0, len(prompt) :].tolist()
        assert group[0].response_ids == own[: len(group[0].response_ids)]


@pytest.mark.parametrize("limits", [{"top_k": 3}, {"top_p": 0.3}, {}])
def test_first_tokens_follow_the_models_distribution(folder, limits):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    logits = model(torch.tensor([PROMPTS[0]])).logits[0, -1].detach().double() / 0.7
    p = logits.softmax(-1)
    if "top_k" in limits:
        p[p < p.topk(3).values[-1]] = 0
    if "top_p" in limits:
        order = p.argsort(descending=True)
        outside = p[order].cumsum(0) - p[order] >= 0.3
        p[order[outside]] = 0
    p = (p / p.sum()).numpy()
    samples = sample(folder, [PROMPTS[0]], [7], n=3000, max_tokens=1, temperature=0.7, **limits)
    counts = np.bincount([s.response_ids[0] for s in samples[0]], minlength=len(p)) / 3000
    assert counts[p == 0].sum() == 0
    assert np.abs(counts - p).sum() / 2 < 0.12 if not limits else np.abs(counts - p).max() < 0.04


def test_a_block_is_a_table_in_file_order(folder, tmp_path):
    rows, settings = numbered_prompts(5), SamplingSettings(3, 1.0, 6)
    options = {"chunk": 2, "seed_parts": (1, "p", "en")}
    table = sampled_block(folder, rows, tmp_path / "b.parquet", settings, **options)
    assert table["id"].tolist() == [f"id{i}" for i in range(5) for _ in range(3)]
    assert table["index"].tolist() == [0, 1, 2] * 5
    ids = list(table["prompt_ids"][0])
    assert ids[0] == 1 and ids.count(1) == 1 and ids[-1] == 4
    assert all(text == text.strip() for text in table["response"])
    # The samples of a prompt do not depend on its block.
    other = sampled_block(folder, rows[2:4], tmp_path / "c.parquet", settings, **options)
    assert other["response"].tolist() == table["response"][6:12].tolist()


def test_a_prompt_without_room_is_named(folder, tmp_path):
    rows = [{"instruction": "x" * 50, "instruction_id": "long"}]
    settings, options = SamplingSettings(2, 1.0, 6), BackendOptions(max_model_len=40)
    with pytest.raises(InputError, match=r"prompt long: it has 5\d tokens.* 40 \(samp.*own is 256"):
        sampled_block(folder, rows, tmp_path / "b.parquet", settings, options=options)


def test_an_unknown_backend_is_named(folder):
    with pytest.raises(InputError, match="unknown sampling backend 'x'; known: vllm"):
        open_sampler("x", folder, SamplingSettings(2, 1.0, 6), BackendOptions())


def test_a_tokenizer_without_template_is_refused():
    with pytest.raises(InputError, match=r"'m': its tokenizer has no chat template.*Jinja"):
        check_tokenizer(tiny_tokenizer(template=None), "m")


def test_a_template_that_repeats_the_bos_is_refused():
    with pytest.raises(InputError, match="writes the BOS token '<s>' twice"):
        check_tokenizer(tiny_tokenizer(template="{{ bos_token }}" + TEMPLATE), "m")


def test_template_and_tokenizer_together_write_one_bos():
    from tokenizers.processors import TemplateProcessing

    plain = prompt_ids(tiny_tokenizer(), "hi")
    adding = tiny_tokenizer(template=TEMPLATE.removeprefix("{{ bos_token }}"))
    assert prompt_ids(adding, "hi") == plain[1:]  # neither writes one
    adding.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    assert prompt_ids(adding, "hi") == plain


def test_eos_replaces_a_missing_pad_token():
    tokenizer = tiny_tokenizer(pad=None)
    check_tokenizer(tokenizer, "m")
    assert pad_id(tokenizer) == tokenizer.eos_token_id
