import numpy as np
import pytest
import torch
from scored import TEXTS, samples_of
from test_scoring import naive
from tiny import tiny_folder, tiny_model, tiny_tokenizer

from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.models.load import load_model
from icr.prompts.languages import crosslingual_instruction
from icr.scoring import arithmetic
from icr.scoring.block import condition, score_block


def score(tmp_path, folder, **changes):
    settings = {
        "samples": samples_of(),
        "instructions": dict(zip("abc", TEXTS, strict=True)),
        "output": tmp_path / "out.parquet",
        "view": "crosslingual",
        "language": "de",
        "precision": "float32",
        "token_budget": 500,
        "chunk": 2,
        "checks": 1,
        **changes,
    }
    return score_block(folder, **settings)


def test_block_conditions_on_the_view_and_rescores_the_first_prompts(tmp_path):
    folder = tiny_folder(tmp_path / "m")
    table = score(tmp_path, folder)
    samples = samples_of()
    assert table[["id", "index"]].equals(samples[["id", "index"]])
    assert table["tokens"].tolist() == samples["response_ids"].str.len().tolist()
    assert table["logprob_check"].notna().tolist() == [True] * 3 + [False] * 6
    np.testing.assert_allclose(table["logprob_check"][:3], table["logprob"][:3], rtol=0, atol=1e-4)
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
    model.model.embed_tokens.weight.data[7] = torch.nan
    model.save_pretrained(tmp_path / "m")
    tiny_tokenizer().save_pretrained(tmp_path / "m")
    samples = samples_of()
    samples["response_ids"] = [[6, 6]] * 7 + [[7, 6]] + [[6, 6]]
    with pytest.raises(InputError, match=r"/m gives response 1 to prompt c a .* of nan \(1 such\)"):
        score(tmp_path, tmp_path / "m", samples=samples)


def test_the_check_runs_the_same_weights_in_higher_precision(tmp_path):
    """What remains between score and check is arithmetic alone, not the rounding of weights."""
    folder = tiny_folder(tmp_path / "m")
    table = score(tmp_path, folder, precision="bfloat16", checks=3)
    rounded = load_model(folder, "bfloat16")
    prompt = prompt_ids(tiny_tokenizer(), crosslingual_instruction("one", "de"))
    exact = naive(rounded, prompt, samples_of()["response_ids"][0])
    assert table["logprob_check"][0] == pytest.approx(exact, abs=1e-4)
    assert 1e-4 < abs(table["logprob"] - table["logprob_check"]).max() < 2
    assert table["logprob"].dtype == table["logprob_check"].dtype == np.float64


def test_the_check_casts_a_layer_at_a_time(tmp_path, monkeypatch):
    """Cast whole, a model would fill twice the memory that scoring takes."""
    loaded, cast = load_model, []

    def watched(*given):
        model = loaded(*given)
        for layer in model.model.layers:
            layer.mlp.register_forward_pre_hook(
                lambda *_: cast.append([p.dtype for p in model.parameters()].count(torch.float64))
            )
        return model

    monkeypatch.setattr(arithmetic, "load_model", watched)
    score(tmp_path, tiny_folder(tmp_path / "m"))
    assert set(cast) == {0, 9}, "weights of one layer"


def test_an_empty_response_has_no_tokens(tmp_path):
    samples = samples_of()
    samples.at[4, "response_ids"] = []
    table = score(tmp_path, tiny_folder(tmp_path / "m"), samples=samples, checks=2)
    assert (table["tokens"] == 0).tolist() == [i == 4 for i in range(9)]
    assert table.loc[4, ["logprob", "logprob_check"]].tolist() == [0.0, 0.0]


def test_an_unknown_prompt_is_named(tmp_path):
    with pytest.raises(InputError, match="1 sampled prompts have no instruction, first c"):
        score(tmp_path, tiny_folder(tmp_path / "m"), instructions={"a": "x", "b": "y"})
