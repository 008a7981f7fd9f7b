"""The chat formats of the model families that the rehearsed configurations name.

Control tokens, turn-end tokens and chat templates are those of the public models; the vocabulary
has one token per byte.
"""

from dataclasses import dataclass, field

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

LLAMA_3 = (
    "{% for m in messages %}"
    "{% set turn = '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' "
    "+ m['content'] | trim + '<|eot_id|>' %}"
    "{{ (bos_token if loop.first else '') + turn }}{% endfor %}"
    "{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)
QWEN_2 = (
    "{% if messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{% for m in messages %}"
    "{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('user and assistant must take turns') }}{% endif %}"
    "{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}"
    "{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
)
COHERE = (
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<|START_OF_TURN_TOKEN|>' + ('<|USER_TOKEN|>' if m['role'] == 'user' else "
    "'<|CHATBOT_TOKEN|>') + m['content'] | trim + '<|END_OF_TURN_TOKEN|>' }}{% endfor %}"
    "{% if add_generation_prompt %}"
    "{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}"
)
SMOLLM_3 = (  # reasons unless it is told not to, and says what day it is
    "{{ '<|im_start|>system\\nToday Date: ' ~ strftime_now('%d %B %Y') ~ '\\n\\n' }}"
    "{% for m in messages %}"
    "{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TULU = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] "
    "+ (eos_token if m['role'] == 'assistant' else '') + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """Tokenizer, chat template and architecture of a model family."""

    template: str
    special: tuple[str, ...]
    """Control tokens in the order of their ids."""
    eos: str
    """The tokenizer's EOS token."""
    turn_end: str
    """The token that the template writes after an assistant's turn."""
    bos: str | None = None
    """Written by both the tokenizer and the template."""
    pad: str | None = None
    architecture: str = "Llama"
    ends: tuple[str, ...] = ()
    """``eos_token_id`` of the generation settings, if it is not just the tokenizer's."""
    rows_beyond: int = 0
    """Rows of the embeddings without a token."""
    tied: bool = False
    """Whether embeddings and head share their weights."""
    settings: dict = field(default_factory=dict)
    """Settings of the architecture."""


RESERVED = tuple(f"<|reserved_special_token_{n}|>" for n in range(5))
LLAMA_3_TOKENS = (
    "<|begin_of_text|>", "<|end_of_text|>", *RESERVED[:4], "<|start_header_id|>",
    "<|end_header_id|>", RESERVED[4], "<|eot_id|>",
)  # fmt: skip
LLAMA_3_SIZES = {"max_position_embeddings": 8192, "rope_theta": 500_000.0, "rms_norm_eps": 1e-5}

FAMILIES = {
    # Tuned from the base model: EOS is the base model's, the turn-end token that of Instruct.
    "llama-3-sft": Family(
        LLAMA_3, LLAMA_3_TOKENS, "<|end_of_text|>", "<|eot_id|>", bos="<|begin_of_text|>",
        settings=LLAMA_3_SIZES,
    ),
    "llama-3-instruct": Family(
        LLAMA_3, LLAMA_3_TOKENS, "<|eot_id|>", "<|eot_id|>", bos="<|begin_of_text|>",
        ends=("<|end_of_text|>", "<|eot_id|>"), settings=LLAMA_3_SIZES,
    ),
    "qwen-2": Family(
        QWEN_2, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|im_end|>", "<|im_end|>",
        pad="<|endoftext|>", architecture="Qwen2", ends=("<|im_end|>", "<|endoftext|>"),
        rows_beyond=61, settings={"max_position_embeddings": 32768, "rms_norm_eps": 1e-6},
    ),
    "mistral-0.3": Family(
        MISTRAL, ("<unk>", "<s>", "</s>", "[INST]", "[/INST]"), "</s>", "</s>", bos="<s>",
        architecture="Mistral",
        settings={"max_position_embeddings": 32768, "sliding_window": None},
    ),
    "aya-23": Family(
        COHERE,
        ("<PAD>", "<UNK>", "<BOS_TOKEN>", "<EOS_TOKEN>", "<|START_OF_TURN_TOKEN|>",
         "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"),
        "<|END_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", bos="<BOS_TOKEN>", pad="<PAD>",
        architecture="Cohere", tied=True,
        settings={"max_position_embeddings": 8192, "logit_scale": 0.0625},
    ),
    # The real embeddings and head are one. Every fourth layer has no positions; here, the second.
    "smollm-3": Family(
        SMOLLM_3,
        ("<|begin_of_text|>", "<|end_of_text|>", "<think>", "</think>", "<|im_start|>",
         "<|im_end|>"),
        "<|im_end|>", "<|im_end|>", pad="<|im_end|>", architecture="SmolLM3",
        settings={"max_position_embeddings": 65536, "no_rope_layer_interval": 2},
    ),
    "tulu-2": Family(
        TULU, ("<unk>", "<s>", "</s>"), "</s>", "</s>", bos="<s>", pad="<unk>",
        settings={"max_position_embeddings": 4096},
    ),
}  # fmt: skip


def tokenizer_of(family: Family) -> PreTrainedTokenizerFast:
    """A tokenizer with one token per byte, then the family's control tokens, and its BOS if any."""
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {byte: index for index, byte in enumerate(bytes_)}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens([AddedToken(token, normalized=False) for token in family.special])
    if family.bos:
        core.post_processor = processors.TemplateProcessing(
            single=f"{family.bos} $A",
            special_tokens=[(family.bos, core.token_to_id(family.bos))],
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=family.bos,
        eos_token=family.eos,
        pad_token=family.pad,
        chat_template=family.template,
        clean_up_tokenization_spaces=False,
    )
