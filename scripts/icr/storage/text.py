"""Text as users and servers send it: with or without a byte order mark, whole or damaged."""

import json
import re
from pathlib import Path
from typing import Any

from icr.errors import InputError

MEND = "put it right, or delete the file if the workflow made it: the same command makes it again"
"""What to do about a damaged text file."""

# The escapes of a JSON text one by one, so that an escaped backslash before a "u" is no escape of
# a character. The group is half of a surrogate pair without its other half.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")


def decoded(content: bytes, path: str | Path) -> str:
    """UTF-8 text, without the byte order mark that some editors put before it.

    Raises InputError naming the line where the text is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: not UTF-8 text (byte 0x{error.object[error.start]:02x}); save "
            "it as UTF-8, or delete the file if the workflow made it: the same command makes it "
            "again"
        ) from None


def parse_json(text: str, path: str | Path, line: int = 1) -> Any:
    """The value of a JSON text that begins on a line of a file.

    Raises InputError naming the line for what is no JSON, and for a text in it that no UTF-8 can
    hold: half of a surrogate pair (an emoji that was cut), which neither a file nor a tokenizer
    takes.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        place = line + getattr(error, "lineno", 1) - 1
        raise InputError(
            f"{path}, line {place}: no JSON ({getattr(error, 'msg', error)}); {MEND}"
        ) from None
    for escape in _ESCAPE.finditer(text):
        if escape[1]:
            place = line + text.count("\n", 0, escape.start())
            raise InputError(
                f"{path}, line {place}: a text holds \\{escape[1]}, half of a character; {MEND}"
            )
    return value


def has_half_characters(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, which UTF-8 cannot."""
    return _HALF.search(text) is not None


def mended(text: str) -> str:
    """The text with U+FFFD in the place of half characters, as decoders have it."""
    return _HALF.sub("\ufffd", text)
