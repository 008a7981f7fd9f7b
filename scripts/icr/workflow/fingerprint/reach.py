"""From a script to the definitions that it reaches, across the modules of the library."""

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from icr.workflow.fingerprint import exempt
from icr.workflow.fingerprint.modules import Definition, Module, imported
from icr.workflow.fingerprint.pieces import STARTED, Library, Piece, Reader

ON_IMPORT = "on import"
"""The name under which a module's effects stand among its definitions."""


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

    def script(self, file: Path, also: Collection[str] = ()) -> dict[str, str]:
        """Digests of the script and of all definitions that it or ``also`` reaches, by name.

        Raises LookupError for a name of ``also`` that the library does not have.
        """
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module = Module("")
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                bound, loaded = imported(statement, "")
                module.imports |= bound
                self._load(loaded)
            elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
                module.definitions[statement.name] = [statement]
        self._load(self.library.extensions)
        self._take(f"scripts/{file.name}", Reader(self.library, module).read("", tree.body))
        for name in also:
            located = self.library.locate(name)
            if located is None or ".".join(filter(None, [located[0].name, located[1]])) != name:
                raise LookupError(f"the library has no {name}")
            self._waiting.append(name)
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
        """What modules do when they are imported, and the packages and modules that they import.

        A definition that may register itself is reached under its own name.
        """
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
                registered = {e.name for e in module.effects if isinstance(e, Definition)}
                self._waiting += [f"{prefix}.{definition}" for definition in sorted(registered)]
                others = [e for e in module.effects if not isinstance(e, Definition)]
                self._statements(module, ON_IMPORT, others)

    def _left_out(self, module: str) -> bool:
        return module in exempt.MODULES or module in self.omitted


def _with_body(definition: ast.ClassDef, body: list[ast.stmt]) -> ast.ClassDef:
    return ast.ClassDef(**{**vars(definition), "body": body or [ast.Pass()]})


def _has_default(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and statement.value is not None
