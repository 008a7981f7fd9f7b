"""The definitions of a package, each with a digest of its meaning and its references."""

import ast
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from icr.meaning import dotted, meaning
from icr.workflow.fingerprint import exempt
from icr.workflow.fingerprint.modules import Module, imported, parse

LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
STARTED = "started"
"""The name for what a module does when it is started with ``python -m``."""


@dataclass
class Piece:
    """Some statements: a digest of their meaning, and their references."""

    digest: str
    targets: set[str] = field(default_factory=set)
    """Dotted names in the library that they refer to."""
    loads: set[str] = field(default_factory=set)
    """Modules that they import inside functions."""
    read: set[str] = field(default_factory=set)
    """Names of attributes, and strings that may name one."""


class Library:
    """A package in a folder, whose modules are parsed on demand.

    ``extensions`` maps dotted names to single files that count as modules of the package.
    """

    def __init__(self, folder: Path, extensions: Mapping[str, Path] | None = None) -> None:
        self.folder = folder
        self.name = folder.name
        self.extensions = dict(extensions or {})
        self._modules: dict[str, Module | None] = {}
        self._pieces: dict[tuple[str, str], Piece] = {}

    def module(self, name: str) -> Module | None:
        """The module of a dotted name; None if the package has no such module."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def holds(self, target: str) -> bool:
        """Whether a dotted name belongs to the package or to an extension."""
        return target.partition(".")[0] == self.name or any(
            target == name or target.startswith(f"{name}.") for name in self.extensions
        )

    def _read(self, name: str) -> Module | None:
        if name in self.extensions:
            return parse(self.extensions[name], name)
        package, *parts = name.split(".")
        if package != self.name:
            return None
        base = self.folder.joinpath(*parts)
        for file in (base / "__init__.py", base.with_suffix(".py")):
            if file.is_file():
                return parse(file, name)
        return None

    def locate(self, name: str) -> tuple[Module, str] | None:
        """The module and the name in it that a dotted name leads to, through re-exports.

        The name is empty for a module itself. None if the dotted name is not in the package.
        """
        for _ in range(100):  # ends import circles
            module, rest = self._deepest(name)
            if module is None:
                return None
            if not rest:
                return module, ""
            if rest[0] in module.imports and rest[0] not in module.definitions:
                name = ".".join([module.imports[rest[0]], *rest[1:]])
                continue
            return (module, rest[0]) if rest[0] in module.definitions else (module, "")
        return None

    def _deepest(self, name: str) -> tuple[Module | None, list[str]]:
        parts = name.split(".")
        for depth in range(len(parts), 0, -1):
            if module := self.module(".".join(parts[:depth])):
                return module, parts[depth:]
        return None, parts

    def piece(self, module: Module, name: str, statements: Sequence[ast.stmt]) -> Piece:
        """The piece of a name in a module, cached."""
        key = (module.name, name)
        if key not in self._pieces:
            self._pieces[key] = Reader(self, module).read(name, statements)
        return self._pieces[key]


class Reader:
    """Makes pieces from statements of a module."""

    def __init__(self, library: Library, module: Module) -> None:
        self.library, self.module = library, module

    def read(self, name: str, statements: Sequence[ast.stmt]) -> Piece:
        """The piece of some statements; ``name`` enters its digest."""
        package = self.module.name.rpartition(".")[0]
        local: dict[str, str] = {}
        loads: set[str] = set()
        for statement in statements:
            for node in ast.walk(statement):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    bound, loaded = imported(node, package)
                    local |= bound
                    loads |= loaded
        self.names = {**self.module.imports, **local}
        tree = meaning(statements, self.is_message)
        references = _References()
        references.visit(tree)
        used = {name.partition(".")[0] for name in references.names}
        # Other packages may be imported for their side effects.
        unused = {
            n for n, target in local.items() if n not in used and not self.library.holds(target)
        }
        targets = {r: self.target(r) for r in references.names | unused}
        resolved = {reference: target for reference, target in targets.items() if target}
        text = ast.dump(_WithoutImports().visit(tree) if local or loads else tree)
        lines = [name, text, *(f"{r} is {t}" for r, t in sorted(resolved.items()))]
        modules = {text for text in references.texts if self._is_module(text)}
        internal = set(filter(self.library.holds, resolved.values()))
        return Piece(
            hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
            internal | {f"{module}:{STARTED}" for module in modules},
            loads,
            references.attributes | references.texts,
        )

    def target(self, reference: str) -> str | None:
        """The dotted name behind a name in the module; None for a local variable."""
        root, _, rest = reference.partition(".")
        if root in self.names:
            return ".".join(filter(None, [self.names[root], rest]))
        if root in self.module.definitions:
            return f"{self.module.name}.{root}"
        return None

    def is_message(self, called: ast.expr) -> bool:
        """Whether a called expression only prints, warns or logs."""
        reference = dotted(called)
        if reference is None:
            return False
        target = self.target(reference)
        if target is None:
            return reference == "print"
        base, _, last = target.rpartition(".")
        located = self.library.locate(target)
        return (
            target == "warnings.warn"
            or (base == "logging" and last in LOGGING)
            or (located is not None and located[0].name in exempt.TELLING)
        )

    def _is_module(self, text: str) -> bool:
        dotted_name = re.fullmatch(rf"{self.library.name}(\.\w+)+", text)
        return dotted_name is not None and self.library.module(text) is not None


class _References(ast.NodeVisitor):
    """Collects the names of a tree, with their attributes, and its strings."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.attributes.add(node.attr)
        whole = dotted(node)
        if whole is None:
            self.visit(node.value)
        else:
            self.names.add(whole)
            self.attributes |= set(whole.split(".")[1:])

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.texts.add(node.value)


class _WithoutImports(ast.NodeTransformer):
    """Removes imports: the dotted names behind the imported names are hashed instead."""

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None
