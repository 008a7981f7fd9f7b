"""From a script to the definitions that it reaches, across the modules of the library."""

import ast
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from icr.fingerprint import exempt
from icr.fingerprint.meaning import dotted, meaning
from icr.fingerprint.modules import Module, imported, parse

LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
ON_IMPORT = "on import"
"""The name under which a module's effects stand among its definitions."""
STARTED = "started"
"""The same for what a module does when it is started with ``python -m``."""


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
    """A package in a folder, whose definitions are read when something asks for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._modules: dict[str, Module | None] = {}
        self._pieces: dict[tuple[str, str], Piece] = {}

    def module(self, name: str) -> Module | None:
        """The module of a dotted name; None if there is none in the package."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
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
            self._pieces[key] = _Reader(self, module).read(name, statements)
        return self._pieces[key]


class _Reader:
    """Reads pieces in the names of a module."""

    def __init__(self, library: Library, module: Module) -> None:
        self.library, self.module = library, module

    def read(self, name: str, statements: Sequence[ast.stmt]) -> Piece:
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
        unused = {n for n, target in local.items() if n not in used and not self._is_ours(target)}
        bindings = {r: self.target(r) for r in references.names | unused}
        known = {reference: target for reference, target in bindings.items() if target}
        text = ast.dump(_WithoutImports().visit(tree))
        lines = [name, text, *(f"{r} is {t}" for r, t in sorted(known.items()))]
        modules = {text for text in references.texts if self._is_module(text)}
        ours = set(filter(self._is_ours, known.values()))
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

    def _is_ours(self, target: str) -> bool:
        return target.partition(".")[0] == self.library.name

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


class Walk:
    """What one script reaches."""

    def __init__(
        self,
        library: Library,
        omitted: Collection[str] = (),
        rows: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.library, self.omitted, self.rows = library, set(omitted), dict(rows or {})
        self.digests: dict[str, str] = {}
        self.exempted: set[str] = set()
        """The definitions of exempt modules that are used."""
        self._read: set[str] = set()
        self._loaded: set[str] = set()
        self._settings: dict[str, tuple[Module, ast.ClassDef]] = {}
        self._waiting: list[str] = []

    def script(self, file: Path) -> dict[str, str]:
        """Digests of the script and of all definitions that it reaches, by dotted name."""
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module = Module("")
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                bound, loaded = imported(statement, "")
                module.imports |= bound
                self._load(loaded)
            elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
                module.definitions[statement.name] = [statement]
        self._take(f"scripts/{file.name}", _Reader(self.library, module).read("", tree.body))
        while self._waiting or self._fields():
            while self._waiting:
                self._reach(self._waiting.pop())
        return dict(sorted(self.digests.items()))

    def _take(self, name: str, piece: Piece) -> None:
        if name not in self.digests:
            self.digests[name] = piece.digest
            self._read |= piece.read
            self._waiting += piece.targets
            self._load(piece.loads)

    def _reach(self, target: str) -> None:
        target, _, started = target.partition(":")
        located = self.library.locate(target)
        if located is None:
            return
        module, name = located
        if self._left_out(module.name):
            if module.name not in self.omitted:
                self.exempted.add(f"{module.name}.{name}")
            return
        self._load([module.name])
        if started:
            self._statements(module, STARTED, module.main)
        if not name:
            for other in [*module.definitions, *module.imports]:
                if f"{module.name}.{other}" != target:
                    self._waiting.append(f"{module.name}.{other}")
            return
        whole = f"{module.name}.{name}"
        statements = module.definitions[name]
        if whole in self.digests or whole in self.omitted:
            return
        if whole in self.rows:
            self._table(module, name, statements)
        elif whole in exempt.SETTINGS and isinstance(statements[0], ast.ClassDef):
            self._settings[whole] = (module, statements[0])
            kept = [s for s in statements[0].body if not _has_default(s)]
            bare = _with_body(statements[0], kept)
            self._take(whole, self.library.piece(module, name, [bare]))
        else:
            self._statements(module, name, statements)

    def _statements(self, module: Module, name: str, statements: Sequence[ast.stmt]) -> None:
        if statements:
            self._take(f"{module.name}.{name}", self.library.piece(module, name, statements))

    def _table(self, module: Module, name: str, statements: Sequence[ast.stmt]) -> None:
        """The rows of a table that the job uses, each as a definition of its own."""
        whole = f"{module.name}.{name}"
        value = getattr(statements[0], "value", None)
        assert isinstance(value, ast.Dict), f"{whole} is no table"
        for key, row in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and str(key.value) in self.rows[whole]:
                label = f"{name}[{key.value!s}]"
                self._statements(module, label, [ast.Expr(ast.Tuple([key, row], ast.Load()))])

    def _fields(self) -> bool:
        """Reach the fields of settings that something reads; whether there was a new one."""
        known = len(self.digests)
        for module, definition in self._settings.values():
            for statement in filter(_has_default, definition.body):
                assert isinstance(statement, ast.AnnAssign)
                label = ast.unparse(statement.target)
                if label in self._read:
                    name = f"{definition.name}.{label}"
                    self._statements(module, name, [_with_body(definition, [statement])])
        return len(self.digests) > known

    def _load(self, names: Iterable[str]) -> None:
        """What modules do when they are imported, and the packages and modules that they import."""
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):
                prefix = ".".join(parts[:depth])
                module = self.library.module(prefix)
                if module is None or prefix in self._loaded or self._left_out(prefix):
                    continue
                self._loaded.add(prefix)
                waiting += module.loads
                self._statements(module, ON_IMPORT, module.effects)

    def _left_out(self, module: str) -> bool:
        return module in exempt.MODULES or module in self.omitted


def _with_body(definition: ast.ClassDef, body: list[ast.stmt]) -> ast.ClassDef:
    return ast.ClassDef(**{**vars(definition), "body": body or [ast.Pass()]})


def _has_default(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and statement.value is not None
