"""Instruments in a syntax tree: every expression within a function passes its value on through an observer.

Lines and columns stay those of the file or cell. What is added calls names that `observer` provides.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from grader.watch.reading.cells import Cell
from grader.wire.expressions import MOST_NODES, Expression

SEE, ENTER, LEAVE = "__grader_see__", "__grader_enter__", "__grader_leave__"
"""What is called with the number of an expression and its value, which it returns; and around a function's body."""
PUT, FILLED = "__grader_put__", "__grader_filled__"
"""What is called with the number of a statement `x[i] = y`, y, and what gives `x[i]` as it was; and after it, x."""

_SEEN = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Attribute, ast.Name, ast.IfExp, ast.ListComp, ast.List)
_Function = TypeVar("_Function", ast.FunctionDef, ast.AsyncFunctionDef)
_Loop = TypeVar("_Loop", ast.For, ast.While)


def instrumented(cells: Sequence[Cell], nodes: list[Expression]) -> list[Cell]:
    """The cells with instruments, in the same trees; `nodes` gets the expressions, whose places are their numbers.

    Raises:
        RecursionError: an expression is nested too deeply.
    """
    return [_one(cell, nodes) for cell in cells]


def _one(cell: Cell, nodes: list[Expression]) -> Cell:
    if cell.tree is None or not cell.is_code:
        return cell
    return replace(cell, tree=_Instrumenter(cell, nodes).visit(cell.tree))


class _Instrumenter(ast.NodeTransformer):
    """Goes through one cell."""

    def __init__(self, cell: Cell, nodes: list[Expression]) -> None:
        self._where, self._lines, self._nodes = cell.where, cell.source.split("\n"), nodes
        self._inside, self._parent, self._scope, self._loops = False, -1, 0, 0

    # ---- functions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Of a function the body alone: what stands above it is evaluated where it is defined."""
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        """As it is."""
        return node

    def _function(self, node: _Function) -> _Function:
        outer = self._enter()
        body: list[ast.stmt] = [each for part in node.body for each in self._statements(part)]
        self._inside, self._parent, self._scope, self._loops = outer
        if not any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node)):
            begin, end = (ast.Expr(_called(name, [], node), **_place(node)) for name in (ENTER, LEAVE))
            body = [begin, ast.Try(body, [], [], [end], **_place(node))]
        node.body = body
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Of a lambda what it gives: `(ENTER(), value, LEAVE())[1]`."""
        outer = self._enter()
        body = self.visit(node.body)
        self._inside, self._parent, self._scope, self._loops = outer
        place = _place(node.body)
        parts = ast.Tuple([_called(ENTER, [], node.body), body, _called(LEAVE, [], node.body)], ast.Load(), **place)
        node.body = ast.Subscript(parts, ast.Constant(1, **place), ast.Load(), **place)
        return node

    def _enter(self) -> tuple[bool, int, int, int]:
        """Begin a function, which is known by the number that its first expression gets; what was before."""
        outer = self._inside, self._parent, self._scope, self._loops
        self._inside, self._parent, self._scope, self._loops = True, -1, len(self._nodes), 0
        return outer

    # ---- statements

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        """What is assigned: `x[i] = y` is `x[i] = PUT(number, y, lambda: x[i])`, and then `FILLED(number, lambda: x)`.

        What is kept in an attribute is put there, too, and what gets a name in a loop: it may be meant to be added.
        """
        node.value = self.visit(node.value)
        target = node.targets[0]
        is_kept = isinstance(target, ast.Subscript | ast.Attribute) or (isinstance(target, ast.Name) and self._loops)
        if len(node.targets) > 1 or not is_kept or not self._sees():
            return node
        number = self._note(node)
        before = _later(_loaded(target), node)
        node.value = _called(PUT, [ast.Constant(number, **_place(node)), node.value, before], node)
        if isinstance(target, ast.Subscript) and _is_plain(target.value):
            return [node, self._after(number, target.value, node)]
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        """A loop."""
        return self._loop(node)

    def visit_While(self, node: ast.While) -> ast.While:
        """Likewise."""
        return self._loop(node)

    def _loop(self, node: _Loop) -> _Loop:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        """Likewise."""
        if node.value:
            node.value = self.visit(node.value)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        """A pattern must stay what it is."""
        node.guard = self.visit(node.guard) if node.guard else None
        node.body = [each for part in node.body for each in self._statements(part)]
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.Delete:
        """Nothing to see."""
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        """`x += y` is followed by `x = SEE(number, x)`, unless x calls something, which is to happen once."""
        if not self._sees():
            return node
        statements: list[ast.stmt] = [node]
        if _is_plain(node.target):
            number, parent = self._note(node), self._parent
            self._parent = number
            node.value = self.visit(node.value)
            self._parent = parent
            seen = _called(SEE, [ast.Constant(number, **_place(node)), _loaded(node.target)], node)
            statements.append(ast.Assign([copy.deepcopy(node.target)], seen, **_place(node)))
        else:
            node.value = self.visit(node.value)
        if isinstance(node.target, ast.Subscript) and _is_plain(node.target.value) and self._sees():
            filling = ast.Assign([node.target], node.value, **_place(node))
            statements.append(self._after(self._note(filling), node.target.value, node))
        return statements

    def _after(self, number: int, array: ast.expr, node: ast.stmt) -> ast.stmt:
        arguments = [ast.Constant(number, **_place(node)), _later(_loaded(array), node)]
        return ast.Expr(_called(FILLED, arguments, node), **_place(node))

    def _statements(self, node: ast.stmt) -> list[ast.stmt]:
        visited = self.visit(node)
        return visited if isinstance(visited, list) else [visited]

    # ---- expressions

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """A text is no number."""
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A number that is written down."""
        is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        return _seen(self._note(node), node) if is_number and self._sees() else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The value, the arguments, and the object of a method; the function itself is no number."""
        if not self._sees():
            return self.generic_visit(node)  # type: ignore[return-value]
        number, parent = self._note(node), self._parent
        self._parent = number
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        elif not isinstance(node.func, ast.Name):
            self.generic_visit(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        self._parent = parent
        return _seen(number, node)

    def visit(self, node: ast.AST) -> Any:
        """Whatever can hold numbers is seen."""
        return self._expression(node) if isinstance(node, _SEEN) else super().visit(node)

    def _expression(self, node: ast.expr) -> ast.expr:
        if not self._sees() or not isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load):
            return self.generic_visit(node) if not isinstance(node, ast.Name) else node  # type: ignore[return-value]
        number, parent = self._note(node), self._parent
        self._parent = number
        self.generic_visit(node)
        self._parent = parent
        return _seen(number, node)

    def _sees(self) -> bool:
        return self._inside and len(self._nodes) < MOST_NODES

    def _note(self, node: ast.expr | ast.stmt) -> int:
        line, end = node.lineno, node.end_lineno or node.lineno
        place = self._column(line, node.col_offset), end, self._column(end, node.end_col_offset or 0)
        self._nodes.append(Expression(self._where, line, *place, type(node).__name__, self._parent, self._scope))
        return len(self._nodes) - 1

    def _column(self, line: int, offset: int) -> int:
        """Syntax trees count bytes."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _is_plain(target: ast.expr) -> bool:
    """Whether it can be evaluated once more, and nothing is called or named by that."""
    return not any(isinstance(part, ast.Call | ast.NamedExpr | ast.Await | ast.Yield) for part in ast.walk(target))


def _later(value: ast.expr, node: ast.stmt) -> ast.Lambda:
    """What gives a value when it is asked for."""
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value, **_place(node))


def _loaded(target: ast.expr) -> ast.expr:
    """What is assigned to, as something that is read."""
    loaded = copy.deepcopy(target)
    loaded.ctx = ast.Load()  # type: ignore[attr-defined]
    return loaded


def _place(node: ast.expr | ast.stmt) -> dict[str, Any]:
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }


def _called(name: str, arguments: list[Any], at: ast.expr | ast.stmt) -> ast.Call:
    place = _place(at)
    return ast.Call(ast.Name(name, ast.Load(), **place), arguments, [], **place)


def _seen(number: int, node: ast.expr) -> ast.expr:
    return _called(SEE, [ast.Constant(number, **_place(node)), node], node)
