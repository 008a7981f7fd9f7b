import numpy as np
import pytest
import torch
from tiny import tiny_model, tiny_tokenizer
from transformers import (
    AutoModelForCausalLM,
    FalconH1Config,
    Gemma2Config,
    Gemma3TextConfig,
    GraniteConfig,
    LlamaForCausalLM,
    MistralConfig,
    Qwen3Config,
)

from icr.errors import InputError
from icr.models.load import check_same_vocabulary
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
    # Weights far from zero, so that a wrong mask or position shows in the scores.
    sizes = {"vocab_size": 261, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    config = config_class(**sizes, **heads, initializer_range=0.2, **changes)
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


WINDOW = {"sliding_window": 8}
LOCAL = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
MAMBA = {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8}
ARCHITECTURES = {
    "llama": tiny_model,
    "qwen3, normed queries": lambda: small(Qwen3Config),
    "mistral, sliding window": lambda: small(MistralConfig, **WINDOW),
    "gemma2, capped logits": lambda: small(Gemma2Config, **WINDOW),
    "gemma3, two rotary bases": lambda: small(
        Gemma3TextConfig, sliding_window=8, layer_types=LOCAL
    ),
    "granite, scaled logits": lambda: small(GraniteConfig, logits_scaling=4.0),
    "falcon-h1, recurrent state": lambda: small(FalconH1Config, mamba_chunk_size=8, **MAMBA),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("share", [True, False])
def test_scores_equal_a_plain_forward(name, share):
    model = ARCHITECTURES[name]()
    prompts, rows = cases()
    scorer = Scorer(model, 200, share_prefix=share)
    assert scorer.shares == (share and "recurrent" not in name)
    found = scorer.score(prompts, rows)
    expected = [naive(model, prompts[row.prompt], row.ids) for row in rows]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


class Biased(LlamaForCausalLM):
    def forward(self, *args, **kwargs):
        out = super().forward(*args, **kwargs)
        out.logits = out.logits + torch.arange(261.0)
        return out


def test_a_change_of_the_logits_that_the_engine_does_not_know_is_refused():
    with pytest.raises(InputError, match="Biased changes its logits"):
        Scorer(Biased(tiny_model().config), 100)


def test_a_score_does_not_depend_on_its_batch():
    model = tiny_model()
    prompts, rows = cases()
    whole = Scorer(model, 10_000).score(prompts, rows)
    for budget in (1, 60, 300):
        found = Scorer(model, budget).score(prompts, rows)
        np.testing.assert_allclose(found, whole, rtol=0, atol=1e-4)


def test_every_recorded_token_counts_and_nothing_else():
    """The end token is summed if it was recorded, and never made up; no tokens sum to nothing."""
    model, prompt, ended = tiny_model(), [5, 6, 7], [8, 9, 2]
    rows = [Row(0, ended), Row(0, ended[:2]), Row(0, []), Row(0, [8])]
    found = Scorer(model, 100).score([prompt], rows)
    row = torch.tensor([[*prompt, *ended]])
    with torch.inference_mode():
        each = model.double()(input_ids=row).logits[0, 2:5].log_softmax(-1)
    each = each.gather(1, torch.tensor(ended)[:, None])[:, 0].tolist()
    expected = [sum(each), sum(each[:2]), 0.0, each[0]]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_skipped_tokens_condition_but_do_not_count():
    model = tiny_model()
    found = Scorer(model, 100).score([[5, 6, 7]], [Row(0, [8, 9, 10], skip=1)])
    assert found[0] == pytest.approx(naive(model, [5, 6, 7], [8, 9, 10], skip=1), abs=1e-4)


def test_different_vocabularies_are_refused():
    other = tiny_tokenizer()
    other.add_tokens(["<new>"])
    with pytest.raises(InputError, match="different vocabularies .261 and 262 tokens, 1 differ"):
        check_same_vocabulary(tiny_tokenizer(), other, ("p", "r"))
