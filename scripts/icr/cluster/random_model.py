"""A model of random weights, as fast as a real one of its size, for measurements."""

import math
from pathlib import Path

import torch
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

WIDTHS = (32, 64, 128, 256, 576, 1024, 2048, 3072, 4096, 5120, 8192)
"""Hidden sizes to choose from."""
TEMPLATE = "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}"


def shape(parameters: float) -> LlamaConfig:
    """A Llama of about so many weights: 8 billion give the layers of Llama-3-8B."""
    vocabulary = 128_256 if parameters > 5e8 else 49_152 if parameters > 5e7 else 512

    def layers(width: int) -> float:
        return (parameters - 2 * vocabulary * width) / (13 * width**2)

    fitting = [width for width in WIDTHS if layers(width) >= 1] or [WIDTHS[0]]
    width = min(fitting, key=lambda w: abs(math.log(max(layers(w), 1) * 128 / w)))
    heads = max(4, width // 128)
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=7 * width // 2,
        num_hidden_layers=max(1, round(layers(width))),
        num_attention_heads=heads,
        num_key_value_heads=heads // 4,
        max_position_embeddings=8192,
        bos_token_id=0,
        eos_token_id=1,
    )


def write_random_model(folder: Path, parameters: float) -> Path:
    """Write a model of :func:`shape` in bfloat16, with a tokenizer; returns the folder."""
    write_random_weights(folder, shape(parameters))
    tokenizer = Tokenizer(models.WordLevel({"<s>": 0, "</s>": 1, "?": 2}, unk_token="?"))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", chat_template=TEMPLATE
    ).save_pretrained(folder)
    return folder


def write_random_weights(folder: Path, config: LlamaConfig) -> None:
    """Write a model in bfloat16, without a tokenizer; a GPU draws the weights if there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    torch.manual_seed(0)
    state = {
        name: torch.ones_like(weight, device="cpu")
        if weight.ndim == 1
        else torch.empty_like(weight, device=device).normal_(std=0.02).cpu()
        for name, weight in model.state_dict().items()
    }
    model.save_pretrained(folder, state_dict=state)
