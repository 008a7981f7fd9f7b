"""The part of the code that can change a result: its syntax without docstrings and messages."""

import ast
import pickle
from collections.abc import Callable, Iterable
from typing import TypeVar

Speaks = Callable[[ast.expr], bool]
"""Whether a called expression only prints or logs: ``print``, a progress line."""
Function = TypeVar("Function", ast.FunctionDef, ast.AsyncFunctionDef)

_STREAMS = {"sys.stdout", "sys.stderr"}


def meaning(statements: Iterable[ast.stmt], speaks: Speaks) -> ast.Module:
    """A copy of the statements that keeps only what can change a result.

    It omits docstrings and other bare strings, annotations of functions and variables (those of
    attributes stay: dataclasses and pydantic read them), the text of errors and assertions, and
    calls for which ``speaks`` is true. The condition and the type of an error stay. Imports stay
    too; the caller resolves them.
    """
    copied = pickle.loads(pickle.dumps(ast.Module(list(statements), [])))  # faster than deepcopy
    stripped = _Stripped(speaks).visit(copied)
    assert isinstance(stripped, ast.Module)
    return stripped


class _Stripped(ast.NodeTransformer):
    def __init__(self, speaks: Speaks) -> None:
        self.speaks = speaks
        self.in_class = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: Function) -> Function:
        node.returns = None
        within, self.in_class = self.in_class, False
        self.generic_visit(node)
        self.in_class = within
        node.body = node.body or [ast.Pass()]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        within, self.in_class = self.in_class, True
        self.generic_visit(node)
        self.in_class = within
        node.body = node.body or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if self.in_class:
            return self.generic_visit(node)
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value, lineno=0))

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        node.cause = None
        if isinstance(node.exc, ast.Call):
            _drop_text(node.exc)
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.msg = None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return None
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return None
        if isinstance(node.value, ast.Call) and self._only_speaks(node.value):
            return None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.speaks(node.func):
            _drop_text(node)
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        # An empty body needs a statement.
        if isinstance(node, ast.For | ast.While | ast.With | ast.Try | ast.ExceptHandler):
            node.body = node.body or [ast.Pass()]
        return node

    def _only_speaks(self, call: ast.Call) -> bool:
        """Whether a call writes to the terminal alone and binds no name."""
        if not self.speaks(call.func):
            return False
        streams = [k.value for k in call.keywords if k.arg == "file"]
        binds = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
        return all(dotted(stream) in _STREAMS for stream in streams) and not any(
            isinstance(part, binds) for part in ast.walk(call)
        )


def _drop_text(call: ast.Call) -> None:
    call.args = [value for value in call.args if not _is_text(value)]
    call.keywords = [k for k in call.keywords if not _is_text(k.value)]


def _is_text(value: ast.expr) -> bool:
    """Whether an expression builds a message: a literal, an f-string, or a sum of these."""
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return _is_text(left) or _is_text(right)
        case ast.IfExp(body=body, orelse=other):
            return _is_text(body) and _is_text(other)
        case ast.Call(func=ast.Attribute(value=text, attr="format" | "join")):
            return _is_text(text)
    return False


def dotted(value: ast.expr) -> str | None:
    """A dotted name such as ``sys.stderr``; None for any other expression."""
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, ast.Attribute):
        before = dotted(value.value)
        return None if before is None else f"{before}.{value.attr}"
    return None
