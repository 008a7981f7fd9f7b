"""Checks of single inputs, reported under the setting that names them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from icr.errors import InputError


def problem_of(where: str, check: Callable[..., object], *arguments: Any) -> Iterator[str]:
    """The problem that ``check`` raises as an InputError, if any; ``where`` is the setting."""
    try:
        check(*arguments)
    except InputError as error:
        yield f"{where}: {error}"


def check_file(path: str) -> None:
    """Raise InputError where no file has this path."""
    if not Path(path).expanduser().is_file():
        raise InputError(f"there is no file {path}")
