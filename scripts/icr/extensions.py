"""Methods from outside the library: Python files that register them on import.

The configuration lists the files under ``extensions``. They are imported when the configuration is
loaded, and again in each job that looks up a method by name.
"""

import sys
import traceback
from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from icr.errors import InputError

PACKAGE = "extensions"
"""Name of the virtual package that holds the imported extensions."""

_loaded: dict[str, Path] = {}


def load_extensions(paths: Iterable[str | Path]) -> None:
    """Import the files, each once per process. Relative paths start at the working directory.

    Raises InputError if a file is missing, cannot be imported, or registers a name that is taken.
    """
    for path in paths:
        _load(path)


def extension_files() -> dict[str, Path]:
    """The extensions that this process has imported: absolute paths by module name."""
    return dict(_loaded)


def _load(path: str | Path) -> None:
    file = Path(path).expanduser().resolve()
    name = f"{PACKAGE}.{file.stem}"
    if _loaded.get(name) == file:
        return
    if name in _loaded:
        raise InputError(
            f"extensions: {path} and {_loaded[name]} have the same file name; rename one of them"
        )
    if file.suffix != ".py" or not file.is_file():
        raise InputError(f"extensions: there is no Python file {path}; check the path")
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"extensions: {path}{_line(error, file)}: {_reason(error)}") from error
    _loaded[name] = file


def _line(error: Exception, file: Path) -> str:
    """The line of the file at which its import failed, as a part of a message."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    return f", line {lines[-1]}" if lines else ""


def _reason(error: Exception) -> str:
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"syntax error: {error.msg}"
    hint = "; import inside functions the packages that only jobs have, such as torch"
    return f"{type(error).__name__}: {error}{hint if isinstance(error, ImportError) else ''}"
