"""Conversations as lists of messages, rendered with the model's own chat template."""

from collections.abc import Mapping, Sequence

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from icr.errors import InputError

Messages = Sequence[Mapping[str, str]]
"""Turns with the keys ``role`` and ``content``."""


def user(prompt: str) -> Messages:
    """The conversation of one turn of the user."""
    return [{"role": "user", "content": prompt}]


def message_ids(tokenizer: PreTrainedTokenizerBase, messages: Messages) -> list[int]:
    """Token ids of the messages, without a generation prompt, with the BOS that the tokenizer adds.

    A template may write the BOS itself or leave it to the tokenizer; both give the same ids.
    """
    text = tokenizer.apply_chat_template(list(map(dict, messages)), tokenize=False)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    bos = tokenizer.bos_token_id
    if bos is not None and ids[:1] != [bos] and tokenizer("")["input_ids"][:1] == [bos]:
        ids = [bos, *ids]
    return ids


def check_answers(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Raise InputError unless the template writes the answer that ends a conversation."""
    ids, other = (conversation_ids(tokenizer, user("?"), answer) for answer in ("yes", "no"))
    if ids == other:
        raise InputError(
            f"model '{name}': its chat template leaves out the answer that ends a conversation, so "
            "all responses would have one reward; name a Jinja file that writes the assistant's "
            "turns as 'chat_template' of the model"
        )


def conversation_ids(
    tokenizer: PreTrainedTokenizerBase, messages: Messages, response: str
) -> list[int]:
    """Token ids of a finished conversation: the messages and the assistant's response.

    Raises InputError if the template refuses a conversation that ends with an answer.
    """
    try:
        return message_ids(tokenizer, [*messages, {"role": "assistant", "content": response}])
    except TemplateError as error:
        raise InputError(
            f"the reward model's chat template refuses a conversation that ends with an answer "
            f"({error}); name a Jinja file that writes it as 'chat_template' of the model"
        ) from error
