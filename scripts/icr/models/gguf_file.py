"""The path of a GGUF file."""

import importlib.util
from pathlib import Path

from icr.errors import InputError


def gguf_path(source: str) -> Path:
    """The file that a path or ``package:NAME/FILE`` (inside an installed package) names.

    The package is located without importing it. Raises InputError if the file is missing.
    """
    if source.startswith("package:"):
        package, _, inside = source.removeprefix("package:").partition("/")
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise InputError(f"source '{source}': the Python package '{package}' is not installed")
        path = Path(spec.submodule_search_locations[0]) / inside
    else:
        path = Path(source).expanduser()
    if not path.is_file():
        raise InputError(f"source '{source}': there is no file {path}")
    return path
