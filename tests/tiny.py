"""Tiny models and tokenizers, made on the spot."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def tiny_tokenizer(template=TEMPLATE, pad="<pad>", bos="<s>", eos="</s>"):
    """One token a byte, and a few special tokens."""
    vocab = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", "<user>", "<assistant>"])}
    for byte in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocab[byte] = len(vocab)
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        bos_token=bos,
        eos_token=eos,
        additional_special_tokens=["<user>", "<assistant>"],
        chat_template=template,
    )


def tiny_model(seed=0, vocabulary=261, **changes):
    """A Llama of some 50,000 parameters with random weights."""
    torch.manual_seed(seed)
    settings = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "initializer_range": 0.2,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **changes,
    }
    return LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, **settings)).eval()


def tiny_folder(path, seed=0, tokenizer=None, **changes):
    """A Hugging Face folder with a tiny model and its tokenizer."""
    tiny_model(seed, **changes).save_pretrained(path)
    (tokenizer or tiny_tokenizer()).save_pretrained(path)
    return path
