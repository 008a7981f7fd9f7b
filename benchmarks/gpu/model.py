"""A model of random weights with Llama 3's tokenizer layout: 256 special tokens come last."""

from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, PreTrainedTokenizerFast

from icr.cluster.random_model import write_random_weights

SPECIAL = {
    "<|begin_of_text|>": 0,
    "<|end_of_text|>": 1,
    "<|start_header_id|>": 6,
    "<|end_header_id|>": 7,
    "<|eot_id|>": 9,
}
"""Places of those that are used, among the 256."""
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message.role }}"
    "<|end_header_id|>\n\n{{ message.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


def write_model(folder: Path, sizes: dict[str, int]) -> None:
    """Write weights and tokenizer; its ordinary tokens are bytes, which leaves most ids unused."""
    first = sizes["vocab_size"] - 256
    ids = {token: first + place for token, place in SPECIAL.items()}
    bos, eos = "<|begin_of_text|>", "<|end_of_text|>"
    config = LlamaConfig(
        **sizes,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        bos_token_id=ids[bos],
        eos_token_id=ids[eos],
    )
    write_random_weights(folder, config)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {byte: place for place, byte in enumerate(alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary | ids, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=bos, eos_token=eos, chat_template=TEMPLATE
    ).save_pretrained(folder)
