"""The definitions of a package, each with a digest of its meaning and what it refers to."""

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
"""The name under which stands what a module does when it is started with ``python -m``."""


@dataclass
class Piece:
    """Some statements: what they mean, and what they refer to."""

    digest: str
    targets: set[str] = field(default_factory=set)
    """Dotted names in the library."""
    loads: set[str] = field(default_factory=set)
    """Modules that are imported inside functions."""
    read: set[str] = field(default_factory=set)
    """Names of attributes, and texts that may name one."""


class Library:
    """A package in a folder, whose definitions are read when something asks for them.

    ``extensions`` are single files that count as modules of it, by their dotted names.
    """

    def __init__(self, folder: Path, extensions: Mapping[str, Path] | None = None) -> None:
        self.folder = folder
        self.name = folder.name
        self.extensions = dict(extensions or {})
        self._modules: dict[str, Module | None] = {}
        self._pieces: dict[tuple[str, str], Piece] = {}

    def module(self, name: str) -> Module | None:
        """The module of a dotted name; None if there is none in the package."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def holds(self, target: str) -> bool:
        """Whether a dotted name is of the package or of an extension."""
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
        """The module and the name in it that a dotted name leads to, through what is re-exported.

        The name is empty for a module itself, and None comes back for what is not in the package.
        """
        for _ in range(100):  # imports in a circle end somewhere
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
        """The piece of a name in a module, taken once."""
        key = (module.name, name)
        if key not in self._pieces:
            self._pieces[key] = Reader(self, module).read(name, statements)
        return self._pieces[key]


class Reader:
    """Reads pieces in the names of a module."""

    def __init__(self, library: Library, module: Module) -> None:
        self.library, self.module = library, module

    def read(self, name: str, statements: Sequence[ast.stmt]) -> Piece:
        """The piece of some statements under a name."""
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
        tree = meaning(statements, self.speaks)
        references = _References()
        references.visit(tree)
        used = {name.partition(".")[0] for name in references.names}
        # Another package may be imported for what that does alone.
        unused = {
            n for n, target in local.items() if n not in used and not self.library.holds(target)
        }
        bindings = {r: self.target(r) for r in references.names | unused}
        known = {reference: target for reference, target in bindings.items() if target}
        text = ast.dump(_WithoutImports().visit(tree))
        lines = [name, text, *(f"{r} is {t}" for r, t in sorted(known.items()))]
        modules = {text for text in references.texts if self._is_module(text)}
        ours = set(filter(self.library.holds, known.values()))
        return Piece(
            hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
            ours | {f"{text}:{STARTED}" for text in modules},
            loads,
            references.attributes | references.texts,
        )

    def target(self, reference: str) -> str | None:
        """What a name in the module stands for, as a dotted name; None for a local variable."""
        root, _, rest = reference.partition(".")
        if root in self.names:
            return ".".join(filter(None, [self.names[root], rest]))
        if root in self.module.definitions:
            return f"{self.module.name}.{root}"
        return None

    def speaks(self, called: ast.expr) -> bool:
        """Whether a call only tells somebody something."""
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
        known = re.fullmatch(rf"{self.library.name}(\.\w+)+", text)
        return known is not None and self.library.module(text) is not None


class _References(ast.NodeVisitor):
    """Collects the names of a tree, with the attributes behind them, and its texts."""

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
    """Leaves imports out: what the imported names stand for is hashed in their place."""

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None
