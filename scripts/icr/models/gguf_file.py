"""Where a GGUF file is."""

import importlib.util
from pathlib import Path

from icr.errors import InputError


def gguf_path(source: str) -> Path:
    """The file that ``package:NAME/FILE`` (inside an installed package) or a path names.

    The package is looked up and not imported. Raises InputError if there is no such file.
    """
    if source.startswith("package:"):
        package, _, inside = source.removeprefix("package:").partition("/")
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise InputError(f"source '{source}': the Python package '{package}' is not installed")
        path = Path(found.submodule_search_locations[0]) / inside
    else:
        path = Path(source).expanduser()
    if not path.is_file():
        raise InputError(f"source '{source}': there is no file {path}")
    return path
