"""Rows of a preference set: their common form and its checks."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.storage.files import read_table
from icr.storage.rows import Located, Row, located_rows, text_of

Message = dict[str, str]
"""A turn of a conversation: ``role`` and ``content``."""
FORM = (
    '{"id": "...", "prompt": "...", "chosen": "...", "rejected": "..."}, where the responses, or '
    "the prompt, may be lists of messages"
)


def preference(where: str, row: Row, number: int = 0) -> dict[str, Any]:
    """A row in the common form of all sources: id, messages, chosen, rejected, subset.

    ``messages`` is the conversation up to the response. ``chosen`` and ``rejected`` may be texts
    after a ``prompt``, or lists of messages that share all but the last; ``prompt`` may be a text
    or a list of messages. ``number`` replaces a missing id. Responses are stripped of white space.

    Raises InputError naming ``where`` for any other row, and for equal responses.
    """
    prompt, sides = row.get("prompt"), [row.get("chosen"), row.get("rejected")]
    messages: list[Message] = []
    if all(isinstance(side, list) for side in sides):
        messages, texts = _split(where, sides)
    else:
        texts = [text_of(where, row, key).strip() for key in ("chosen", "rejected")]
    if not messages and isinstance(prompt, list):
        messages = _messages(where, prompt)
    elif not messages:
        messages = [{"role": "user", "content": text_of(where, row, "prompt")}]
    if messages[-1]["role"] != "user":
        raise InputError(f"{where}: the conversation before the responses must end with the user")
    if texts[0] == texts[1]:
        raise InputError(f"{where}: the chosen and the rejected response are the same text")
    name, subset = row.get("id", number), row.get("subset")
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise InputError(f"{where}: 'id' must be a text or a whole number; a row is {FORM}")
    return {
        "id": str(name),
        "messages": messages,
        "chosen": texts[0],
        "rejected": texts[1],
        "subset": None if subset is None else str(subset),
    }


def _split(where: str, sides: Sequence[Any]) -> tuple[list[Message], list[str]]:
    """The messages that two conversations share, and their last turns."""
    chosen, rejected = (_messages(where, side) for side in sides)
    if chosen[:-1] != rejected[:-1]:
        raise InputError(f"{where}: 'chosen' and 'rejected' do not share all turns but the last")
    last = [side[-1] for side in (chosen, rejected)]
    if any(message["role"] != "assistant" for message in last):
        raise InputError(f"{where}: 'chosen' and 'rejected' must end with a turn of the assistant")
    texts = [message["content"].strip() for message in last]
    if not all(texts):
        raise InputError(f"{where}: a response is empty")
    return chosen[:-1], texts


def _messages(where: str, turns: Any) -> list[Message]:
    """A list of messages, without empty system turns."""
    if not isinstance(turns, list) or not turns:
        raise InputError(f"{where}: a conversation must be a list of messages; a row is {FORM}")
    messages = []
    for turn in turns:
        turn = turn if isinstance(turn, dict) else {}
        role, content = turn.get("role"), turn.get("content")
        if role not in ("system", "user", "assistant") or not isinstance(content, str):
            raise InputError(
                f"{where}: a message has a 'role' (system, user or assistant) and a 'content'"
            )
        if role != "system" or content.strip():
            messages.append({"role": role, "content": content})
    return messages


def preferences(
    located: Iterable[Located], invalid: str = "error", path: str | Path = "the data set"
) -> tuple[pd.DataFrame, list[str]]:
    """The table of a language's rows, and the messages of the rows that were discarded.

    ``invalid`` is ``error`` or ``discard``. Raises InputError for a repeated id, for an invalid row
    unless these are discarded, and if no row is left.
    """
    rows: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    problems: list[str] = []
    for number, (where, row) in enumerate(located):
        try:
            pair = preference(where, row, number)
        except InputError as error:
            if invalid == "error":
                raise
            problems.append(str(error))
            continue
        if pair["id"] in seen:
            raise InputError(f"{where}: id {pair['id']} is already used in {seen[pair['id']]}")
        seen[pair["id"]] = where
        rows.append(pair)
    if not rows:
        raise InputError("; ".join([f"{path} holds no preference pair", *problems[:1]]))
    return pd.DataFrame(rows), problems


def preference_file_in(folder: str | Path, language: str) -> Path:
    """The user's own file of a language."""
    return Path(folder).expanduser() / f"{language}.jsonl"


def read_folder(folder: str | Path, language: str) -> pd.DataFrame:
    """The table of a user's file. Raises InputError naming file and line."""
    path = preference_file_in(folder, language)
    return preferences(located_rows(path), path=path)[0]


def check_ids(ids: Mapping[str, Sequence[str]]) -> None:
    """Raise InputError unless all languages have the same ids, in any order."""
    first, *others = ids
    for language in others:
        if missing := set(ids[first]) - set(ids[language]):
            raise InputError(
                f"'{language}' lacks {len(missing)} of the ids of '{first}', such as "
                f"{min(missing)}; the rows of all languages share their ids"
            )
        if extra := set(ids[language]) - set(ids[first]):
            raise InputError(
                f"'{language}' has {len(extra)} ids that '{first}' lacks, such as {min(extra)}; "
                "the rows of all languages share their ids"
            )


def check_folder(folder: str | Path, languages: Sequence[str]) -> None:
    """Raise InputError unless a user's files are valid and share their ids."""
    check_ids({language: read_folder(folder, language)["id"].tolist() for language in languages})


def read_preferences(path: str | Path) -> pd.DataFrame:
    """The table of a stored file; messages are lists of plain dictionaries."""
    table = read_table(path)
    plain = [[dict(message) for message in messages] for messages in table["messages"]]
    return table.assign(messages=pd.Series(plain, index=table.index, dtype=object))
