import numpy as np
import pandas as pd
import pytest
import torch
from tiny import tiny_folder, tiny_model, tiny_tokenizer
from transformers import Gemma2Config, Gemma2ForCausalLM, MistralConfig, MistralForCausalLM

from icr.errors import InputError
from icr.languages import crosslingual_instruction
from icr.models import check_same_vocabulary
from icr.noise import noise_floor, reward_spread
from icr.scoring.authors import authors_rows
from icr.scoring.block import condition, score_block
from icr.scoring.engine import Row, Scorer


def naive(model, prompt, ids, skip=0):
    """Full sequence, full vocabulary, float64, one row."""
    model = model.double()
    row = torch.tensor([[*prompt, *ids]])
    with torch.inference_mode():
        logprobs = model(input_ids=row).logits[0, :-1].log_softmax(-1)
    at = logprobs.gather(1, row[0, 1:, None])[:, 0]
    return float(at[len(prompt) - 1 + skip :].sum())


def cases(seed=0, prompts=7, responses=5, vocabulary=261):
    generator = np.random.default_rng(seed)
    texts = [generator.integers(5, vocabulary, generator.integers(1, 30)).tolist()
             for _ in range(prompts)]  # fmt: skip
    rows = [
        Row(p, generator.integers(2, vocabulary, generator.integers(1, 25)).tolist())
        for p in range(prompts)
        for _ in range(responses)
    ]
    return texts, rows


def small(config_class, **changes):
    return config_class(
        vocab_size=261, hidden_size=32, intermediate_size=64, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, sliding_window=8, **changes,
    )  # fmt: skip


ARCHITECTURES = {
    "llama": lambda: tiny_model(),
    "mistral, sliding window": lambda: MistralForCausalLM(small(MistralConfig)).eval(),
    "gemma2, capped logits": lambda: Gemma2ForCausalLM(small(Gemma2Config)).eval(),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("share", [True, False])
def test_scores_equal_a_plain_forward(name, share):
    torch.manual_seed(0)
    model = ARCHITECTURES[name]()
    prompts, rows = cases()
    found = Scorer(model, 200, share_prefix=share).score(prompts, rows)
    expected = [naive(model, prompts[row.prompt], row.ids) for row in rows]
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_a_score_does_not_depend_on_its_batch():
    model = tiny_model()
    prompts, rows = cases()
    whole = Scorer(model, 10_000).score(prompts, rows)
    for budget in (1, 60, 300):
        np.testing.assert_allclose(Scorer(model, budget).score(prompts, rows), whole, atol=1e-4)


def test_skipped_tokens_condition_but_do_not_count():
    model = tiny_model()
    found = Scorer(model, 100).score([[5, 6, 7]], [Row(0, [8, 9, 10], skip=1)])
    assert found[0] == pytest.approx(naive(model, [5, 6, 7], [8, 9, 10], skip=1), abs=1e-4)


def test_authors_sum_equals_their_unshifted_mask():
    """Right-padded batches of three; labels shifted, mask not."""
    model, pad = tiny_model(), 0
    prompts, rows = cases(prompts=4, responses=2)
    responses = [row.ids for row in rows]
    expected = []
    for start in range(0, len(rows), 3):
        batch = [[*prompts[row.prompt], *row.ids] for row in rows[start : start + 3]]
        width = max(map(len, batch))
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in batch])
        attention = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch])
        with torch.inference_mode():
            logits = model.double()(input_ids=ids, attention_mask=attention).logits
        at = logits[:, :-1].log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
        for i, row in enumerate(rows[start : start + 3]):
            mask = torch.zeros(width)
            mask[len(prompts[row.prompt]) : len(batch[i])] = 1
            # The mask is applied as if position k of the labels were token k, not token k + 1.
            expected.append(float((at[i] * mask[:-1]).sum()))
    parts = authors_rows([len(prompts[row.prompt]) for row in rows], responses, pad, eos=2)
    asked = [Row(row.prompt, *part) for row, part in zip(rows, parts, strict=True)]
    found = Scorer(tiny_model(), 200).score(prompts, asked)
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_authors_never_add_a_pad_that_is_eos():
    assert authors_rows([1, 1], [[5, 6], [5, 6, 7]], pad=2, eos=2) == [([5, 6], 1), ([5, 6, 7], 1)]


def samples_of(folder_tokenizer, n=3):
    generator = np.random.default_rng(0)
    rows = []
    for p in ("a", "b", "c"):
        for index in range(n):
            ids = generator.integers(5, 261, generator.integers(1, 12)).tolist()
            rows.append({"id": p, "index": index, "response_ids": ids})
    return pd.DataFrame(rows)


def score(tmp_path, folder, **changes):
    settings = {
        "samples": samples_of(None),
        "instructions": {"a": "one", "b": "two words", "c": "three"},
        "output": tmp_path / "out.parquet",
        "view": "crosslingual",
        "language": "de",
        "precision": "float32",
        "token_budget": 500,
        "chunk": 2,
        "tokens": "all",
        "checks": 1,
        **changes,
    }
    return score_block(folder, **settings)


def test_block_conditions_on_the_view_and_rescores_the_first_prompts(tmp_path):
    folder = tiny_folder(tmp_path / "m")
    table = score(tmp_path, folder)
    samples = samples_of(None)
    assert table[["id", "index"]].equals(samples[["id", "index"]])
    assert table["tokens"].tolist() == samples["response_ids"].str.len().tolist()
    assert table["logprob_check"].notna().tolist() == [True] * 3 + [False] * 6
    np.testing.assert_allclose(table["logprob_check"][:3], table["logprob"][:3], atol=1e-4)
    from icr.chat import prompt_ids

    prompt = prompt_ids(tiny_tokenizer(), crosslingual_instruction("one", "de"))
    model = tiny_model()
    assert table["logprob"][0] == pytest.approx(
        naive(model, prompt, samples["response_ids"][0]), abs=2e-4
    )
    native = score(tmp_path, folder, view="multilingual", output=tmp_path / "other.parquet")
    assert abs(native["logprob"] - table["logprob"]).max() > 0.01


def test_english_views_are_one():
    assert condition("crosslingual", "x", "en") == condition("multilingual", "x", "en") == "x"


def test_a_broken_model_is_named(tmp_path):
    model = tiny_model()
    model.lm_head.weight.data[7] = torch.nan
    model.save_pretrained(tmp_path / "m")
    tiny_tokenizer().save_pretrained(tmp_path / "m")
    with pytest.raises(InputError, match="response 0 to prompt a a log-probability of nan"):
        score(tmp_path, tmp_path / "m")


def test_an_unknown_prompt_is_named(tmp_path):
    with pytest.raises(InputError, match="1 sampled prompts have no text here, first c"):
        score(tmp_path, tiny_folder(tmp_path / "m"), instructions={"a": "x", "b": "y"})


def test_different_vocabularies_are_refused():
    other = tiny_tokenizer()
    other.add_tokens(["<new>"])
    with pytest.raises(InputError, match="different vocabularies .261 and 262 tokens, 1 differ"):
        check_same_vocabulary(tiny_tokenizer(), other, ("p", "r"))


def test_noise_is_what_differs_within_a_prompt():
    base = pd.DataFrame({"id": ["a", "a", "b", "b"], "logprob": [1.0, 2.0, 3.0, 4.0]})
    exact = base.assign(logprob_check=base["logprob"])
    shifted = exact.assign(logprob=exact["logprob"] + 5)  # common to the prompt: ranks nothing
    assert noise_floor(shifted, exact, 0.1) == 0.0
    noisy = exact.assign(logprob=exact["logprob"] + [1.0, -1.0, 1.0, -1.0])
    assert noise_floor(noisy, exact, 0.1) == pytest.approx(0.1)
    assert reward_spread(np.array([[0.0, 2.0], [1.0, 1.0]])) == 0.5
