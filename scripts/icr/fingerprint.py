"""A fingerprint of the code that a script reaches, for rerunning exactly what an edit touches.

Snakemake sees an edit of a script but not of the modules that it imports. The fingerprint is
taken over the syntax tree without docstrings, so that a comment or a docstring costs nothing.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent
"""The folder of the package ``icr``."""


@cache
def fingerprint(script: str | Path, library: Path = LIBRARY) -> str:
    """Digest of a script and of every ``icr`` module that it imports, directly or not.

    Imports inside functions count. Importing a package counts its ``__init__``, and what that
    imports. Moving code between modules changes the fingerprint; formatting does not.
    """
    files = sorted(_reached(Path(script).resolve(), library))
    digest = hashlib.sha256()
    for file in files:
        digest.update(_meaning(file).encode())
    return digest.hexdigest()[:16]


def _reached(start: Path, library: Path) -> set[Path]:
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += _imports(file, library)
    return seen


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _imports(file: Path, library: Path) -> list[Path]:
    names: set[str] = set()
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    found = []
    for name in names:
        package, *parts = name.split(".")
        if package == library.name:
            for depth in range(len(parts) + 1):
                base = library.joinpath(*parts[:depth])
                found += [f for f in (base.with_suffix(".py"), base / "__init__.py") if f.is_file()]
    return found


@cache
def _meaning(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A bare string statement has no effect: docstrings, and those below attributes.
            node.body = [s for s in node.body if not _is_string(s)] or [ast.Pass()]
    return ast.dump(tree)


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
