"""The modules of a package: their definitions, imports, and effects when they are imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import get_args

PURE = {
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass",
    "lru_cache", "property", "staticmethod", "total_ordering", "wraps",
}  # fmt: skip
"""Decorators without side effects; others may register what they decorate."""

SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """The top level of a module."""

    name: str
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    """The statements that bind a name, by name."""
    imports: dict[str, str] = field(default_factory=dict)
    """Dotted names behind imported names."""
    loads: set[str] = field(default_factory=set)
    """Dotted names of the modules that it imports; some may be definitions in modules."""
    effects: list[ast.stmt] = field(default_factory=list)
    """Statements with side effects when the module is imported."""
    main: list[ast.stmt] = field(default_factory=list)
    """Statements that run when the module is started with ``python -m``."""


@cache
def parse(file: Path, name: str) -> Module:
    """The module in a file, under its dotted name."""
    module = Module(name)
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for statement in tree.body:
        _sort(statement, module, package)
    return module


def imported(statement: ast.stmt, package: str) -> tuple[dict[str, str], set[str]]:
    """The names that an import binds, with their dotted names, and the modules that it loads."""
    if isinstance(statement, ast.Import):
        bound = {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            for alias in statement.names
        }
        return bound, {alias.name for alias in statement.names}
    if isinstance(statement, ast.ImportFrom):
        parts = package.split(".")
        parents = parts[: len(parts) - statement.level + 1] if statement.level else []
        base = ".".join([*parents, *filter(None, [statement.module])])
        bound = {alias.asname or alias.name: f"{base}.{alias.name}" for alias in statement.names}
        return bound, {base, *bound.values()}
    return {}, set()


def _sort(statement: ast.stmt, module: Module, package: str) -> None:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        bound, loaded = imported(statement, package)
        module.imports |= bound
        module.loads |= loaded
    elif isinstance(statement, Definition):
        module.definitions.setdefault(statement.name, []).append(statement)
        if not {_decorator(d) for d in statement.decorator_list} <= PURE:
            module.effects.append(statement)
    elif isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
        module.main.append(statement)
    elif not (isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test)):
        _bind(statement, module, package)


def _bind(statement: ast.stmt, module: Module, package: str) -> None:
    """Sort an assignment or a compound statement, which may have side effects as well."""
    plain = isinstance(statement, ast.Assign | ast.AnnAssign)
    for node in _outside_scopes(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound, loaded = imported(node, package)
            module.imports |= bound
            module.loads |= loaded
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            module.definitions.setdefault(node.id, []).append(statement)
        elif isinstance(node, Definition):
            module.definitions.setdefault(node.name, []).append(statement)
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            plain = False
    bare = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    if not (plain or bare):
        module.effects.append(statement)


def _outside_scopes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and its descendants, except the inside of definitions and comprehensions."""
    yield node
    if not isinstance(node, (*SCOPES, *get_args(Definition))):
        for child in ast.iter_child_nodes(node):
            yield from _outside_scopes(child)


def _decorator(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)
