"""From an instruction to the token ids of a prompt, by the model's own chat template."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from icr.errors import InputError

QUESTION, ANSWER, REPLY = "first probe 7b1", "second probe 4d6", "third probe 9e2"
"""Turns that no template holds by itself, to see what a template makes of turns."""


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Raise InputError unless the tokenizer can render a question and end a response.

    A missing pad token is no error: padding is masked everywhere, and :func:`pad_id` falls back
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
    place = 0
    for number, turn in enumerate(texts, start=1):
        place = text.find(turn, place)
        if place < 0:
            raise InputError(
                f"model '{name}': its chat template leaves out turn {number} of {len(texts)}: it "
                f"makes {text[:200]!r} of {list(texts)}; name a Jinja file that writes the content "
                "of all messages as 'chat_template' of the model in the configuration"
            )


def rendered(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], answering: bool = True
) -> str:
    """A conversation as the chat template writes it, up to where the next response begins.

    ``texts`` are the turns, by user and assistant alternately. Without ``answering``, nothing
    stands there that asks for a response.
    """
    roles = ("user", "assistant")
    turns = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    return str(
        tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=answering)
    )


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, instruction: str, name: str = "this model"
) -> list[int]:
    """Token ids of a one-turn prompt that ends where the response begins, with exactly one BOS.

    Raises InputError as :func:`conversation_ids` does.
    """
    return conversation_ids(tokenizer, [instruction], name)


def conversation_ids(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], name: str = "this model"
) -> list[int]:
    """Token ids of a conversation that ends where the next response begins, with exactly one BOS.

    ``texts`` are the turns, by user and assistant alternately; the last one is the user's. A
    template may write the BOS itself or leave it to the tokenizer; both give the same ids here.
    A tokenizer that never adds a BOS, with a template that writes none, gets none.

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
    """The id that fills up rows; EOS where the tokenizer has no pad token."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def response_text(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """The stripped text of a response, without special tokens."""
    return str(tokenizer.decode(list(ids), skip_special_tokens=True)).strip()
