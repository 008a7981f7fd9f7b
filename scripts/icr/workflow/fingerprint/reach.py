"""Follow a script to the definitions that it reaches across the modules of the library."""

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from icr.workflow.fingerprint import exempt
from icr.workflow.fingerprint.modules import Definition, Module, imported
from icr.workflow.fingerprint.pieces import STARTED, Library, Piece, Reader

ON_IMPORT = "on import"
"""The name of a module's side effects among its definitions."""


class Walk:
    """The definitions that one script reaches."""

    def __init__(
        self,
        library: Library,
        omitted: Collection[str] = (),
        rows: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.library, self.omitted, self.rows = library, set(omitted), dict(rows or {})
        self.digests: dict[str, str] = {}
        self.exempted: set[str] = set()
        """The definitions of exempt modules that the script reaches."""
        self._read: set[str] = set()
        self._loaded: set[str] = set()
        self._settings: dict[str, tuple[Module, ast.ClassDef]] = {}
        self._pending: list[str] = []

    def script(self, file: Path, also: Collection[str] = ()) -> dict[str, str]:
        """Digests of the script and of all definitions that it or ``also`` reaches, by name.

        Raises LookupError if a name in ``also`` is not in the library.
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
        self._add(f"scripts/{file.name}", Reader(self.library, module).read("", tree.body))
        for name in also:
            located = self.library.locate(name)
            if located is None or ".".join(filter(None, [located[0].name, located[1]])) != name:
                raise LookupError(f"the library has no definition {name}")
            self._pending.append(name)
        while self._pending or self._fields():
            while self._pending:
                self._reach(self._pending.pop())
        return dict(sorted(self.digests.items()))

    def _add(self, name: str, piece: Piece) -> None:
        if name not in self.digests:
            self.digests[name] = piece.digest
            self._read |= piece.read
            self._pending += piece.targets
            self._load(piece.loads)

    def _reach(self, target: str) -> None:
        target, _, started = target.partition(":")
        located = self.library.locate(target)
        if located is None:
            return
        module, name = located
        if self._is_excluded(module.name):
            if module.name not in self.omitted:
                self.exempted.add(f"{module.name}.{name}")
            return
        self._load([module.name])
        if started:
            self._statements(module, STARTED, module.main)
        if not name:
            for other in [*module.definitions, *module.imports]:
                if f"{module.name}.{other}" != target:
                    self._pending.append(f"{module.name}.{other}")
            return
        full_name = f"{module.name}.{name}"
        statements = module.definitions[name]
        if full_name in self.digests or full_name in self.omitted:
            return
        if full_name in self.rows:
            self._table(module, name, statements)
        elif full_name in exempt.SETTINGS and isinstance(statements[0], ast.ClassDef):
            self._settings[full_name] = (module, statements[0])
            required = [s for s in statements[0].body if not _has_default(s)]
            reduced = _with_body(statements[0], required)
            self._add(full_name, self.library.piece(module, name, [reduced]))
        else:
            self._statements(module, name, statements)

    def _statements(self, module: Module, name: str, statements: Sequence[ast.stmt]) -> None:
        if statements:
            self._add(f"{module.name}.{name}", self.library.piece(module, name, statements))

    def _table(self, module: Module, name: str, statements: Sequence[ast.stmt]) -> None:
        """Add the rows of a table that the job uses, each as a definition of its own."""
        full_name = f"{module.name}.{name}"
        value = getattr(statements[0], "value", None)
        assert isinstance(value, ast.Dict), f"{full_name} is not a table"
        for key, row in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and str(key.value) in self.rows[full_name]:
                label = f"{name}[{key.value!s}]"
                self._statements(module, label, [ast.Expr(ast.Tuple([key, row], ast.Load()))])

    def _fields(self) -> bool:
        """Add the fields of settings that some code reads; return whether any is new."""
        before = len(self.digests)
        for module, definition in self._settings.values():
            for statement in filter(_has_default, definition.body):
                assert isinstance(statement, ast.AnnAssign)
                label = ast.unparse(statement.target)
                if label in self._read:
                    name = f"{definition.name}.{label}"
                    self._statements(module, name, [_with_body(definition, [statement])])
        return len(self.digests) > before

    def _load(self, names: Iterable[str]) -> None:
        """Add the side effects of modules when they are imported, and of what they import.

        A definition that may register itself is added under its own name.
        """
        pending = list(names)
        while pending:
            name = pending.pop()
            parts = name.split(".")
            for depth in range(1, len(parts) + 1):
                prefix = ".".join(parts[:depth])
                module = self.library.module(prefix)
                if module is None or prefix in self._loaded or self._is_excluded(prefix):
                    continue
                self._loaded.add(prefix)
                pending += module.loads
                registered = {e.name for e in module.effects if isinstance(e, Definition)}
                self._pending += [f"{prefix}.{definition}" for definition in sorted(registered)]
                others = [e for e in module.effects if not isinstance(e, Definition)]
                self._statements(module, ON_IMPORT, others)

    def _is_excluded(self, module: str) -> bool:
        return module in exempt.MODULES or module in self.omitted


def _with_body(definition: ast.ClassDef, body: list[ast.stmt]) -> ast.ClassDef:
    return ast.ClassDef(**{**vars(definition), "body": body or [ast.Pass()]})


def _has_default(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and statement.value is not None
