"""Prompts as token ids, rendered with the model's own chat template."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from icr.errors import InputError

QUESTION, ANSWER, REPLY = "first probe 7b1", "second probe 4d6", "third probe 9e2"
"""Turns that occur in no template, to see how a template renders them."""


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Raise InputError unless the tokenizer can render a prompt and end a response.

    A missing pad token is accepted: padding is masked everywhere, and :func:`pad_id` falls back
    to EOS.
    """
    if not tokenizer.chat_template:
        raise InputError(
            f"model '{name}': its tokenizer has no chat template; name a Jinja file as "
            "'chat_template' of the model in the configuration"
        )
    if tokenizer.eos_token_id is None:
        raise InputError(f"model '{name}': its tokenizer has no EOS token, so no response can end")
    prompt_ids(tokenizer, QUESTION, name)
    check_turns(tokenizer, [QUESTION], name)


def check_turns(
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str] = (QUESTION, ANSWER, REPLY),
    name: str = "this model",
) -> None:
    """Raise InputError unless the template writes every turn of a conversation, in order."""
    text = rendered(tokenizer, texts)
    position = 0
    for number, turn in enumerate(texts, start=1):
        position = text.find(turn, position)
        if position < 0:
            raise InputError(
                f"model '{name}': its chat template leaves out turn {number} of {len(texts)}: it "
                f"renders {list(texts)} as {text[:200]!r}; name a Jinja file that writes the "
                "content of all messages as 'chat_template' of the model in the configuration"
            )


def rendered(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], answering: bool = True
) -> str:
    """A conversation as the chat template writes it, up to where the next response begins.

    ``texts`` are the turns, alternately of user and assistant. Without ``answering``, the
    generation prompt is left out.
    """
    roles = ("user", "assistant")
    turns = [{"role": roles[turn % 2], "content": text} for turn, text in enumerate(texts)]
    return str(
        tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=answering)
    )


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, instruction: str, name: str = "this model"
) -> list[int]:
    """Token ids of a one-turn prompt, up to where the response begins, with exactly one BOS.

    Raises InputError as :func:`conversation_ids` does.
    """
    return conversation_ids(tokenizer, [instruction], name)


def conversation_ids(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], name: str = "this model"
) -> list[int]:
    """Token ids of a conversation, up to where the next response begins, with exactly one BOS.

    ``texts`` are the turns, alternately of user and assistant; the last turn is the user's. A
    template may write the BOS itself or leave it to the tokenizer; both give the same ids. If
    neither adds a BOS, there is none.

    Raises InputError if the template repeats the BOS.
    """
    ids: list[int] = tokenizer(rendered(tokenizer, texts), add_special_tokens=False)["input_ids"]
    bos = tokenizer.bos_token_id
    if bos is None:
        return ids
    if ids[:1] != [bos] and tokenizer("")["input_ids"][:1] == [bos]:
        ids = [bos, *ids]
    if ids[:2] == [bos, bos]:
        raise InputError(
            f"model '{name}': its chat template writes the BOS token {tokenizer.bos_token!r} "
            "twice; name a template that writes it at most once as 'chat_template'"
        )
    return ids


def pad_id(tokenizer: PreTrainedTokenizerBase) -> int:
    """The padding token id; EOS if the tokenizer has no pad token."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def response_text(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """The stripped text of a response, without special tokens."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True)).strip()
