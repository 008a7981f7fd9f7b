"""Tiny models and tokenizers, built when a test needs them."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)

# Turns end with a token that is not EOS, as in Llama 3.
EOT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)
EOT = 261


def tiny_tokenizer(template=TEMPLATE, pad="<pad>", bos="<s>", eos="</s>", more=()):
    """One token per byte and a few special tokens; ``more`` come last."""
    vocab = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", "<user>", "<assistant>"])}
    for byte in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocab[byte] = len(vocab)
    vocab |= {token: len(vocab) + i for i, token in enumerate(more)}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(more))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        bos_token=bos,
        eos_token=eos,
        additional_special_tokens=["<user>", "<assistant>"],
        chat_template=template,
    )


def tiny_model(seed=0, vocabulary=261, **changes):
    """A Llama of about 50,000 parameters with random weights."""
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


def eot_folder(path, weight=1.0, **changes):
    """A model in Llama 3's layout: its template ends turns with ``<|eot_id|>``, its EOS is another
    token, and no setting names the former. At each token it ends about every tenth response;
    with a negative ``weight`` it never ends one."""
    model = tiny_model(vocabulary=262, **changes)
    with torch.no_grad():
        # A constant in the residual stream, which the head reads for this token alone.
        model.get_input_embeddings().weight[:, 0] = 10.0
        head = model.get_output_embeddings().weight
        head[[2, EOT]] = 0.0
        head[:, 0] = 0.0
        head[2, 0], head[EOT, 0] = -10.0, weight
    model.save_pretrained(path)
    tiny_tokenizer(EOT_TEMPLATE, more=["<|eot_id|>"]).save_pretrained(path)
    return path
