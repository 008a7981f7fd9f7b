"""Decoding of UTF-8 and JSON from users and servers: byte order marks, lone surrogates."""

import json
import re
from pathlib import Path
from typing import Any

from icr.errors import InputError

REPAIR = "fix it, or delete the file if the workflow made it: the same command makes it again"
"""Advice on a damaged text file."""

# Matches every escape of a JSON text, so that an escaped backslash before a "u" is not taken for
# the escape of a character. The group is a lone surrogate.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")


def decoded(content: bytes, path: str | Path) -> str:
    """UTF-8 text, without a leading byte order mark.

    Raises InputError naming the line that is not UTF-8.
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
    """The value of a JSON text that begins at line ``line`` of a file.

    Raises InputError naming the line for invalid JSON, and for a lone surrogate (half of an
    emoji, say), which neither UTF-8 nor a tokenizer can represent.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        number = line + getattr(error, "lineno", 1) - 1
        raise InputError(
            f"{path}, line {number}: not valid JSON ({getattr(error, 'msg', error)}); {REPAIR}"
        ) from None
    for escape in _ESCAPE.finditer(text):
        if escape[1]:
            number = line + text.count("\n", 0, escape.start())
            raise InputError(
                f"{path}, line {number}: a text holds \\{escape[1]}, half of a character; {REPAIR}"
            )
    return value


def has_half_characters(text: str) -> bool:
    """Whether a text holds a lone surrogate, which UTF-8 cannot represent."""
    return _HALF.search(text) is not None


def mended(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, as decoders do."""
    return _HALF.sub("\ufffd", text)
