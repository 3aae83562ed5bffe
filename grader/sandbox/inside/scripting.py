"""Run a whole script or notebook, statement by statement, without its loading of data, its plots and its waiting."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from grader.kit.loops import EACH, Rewriter
from grader.sandbox.inside import stand_ins
from grader.sandbox.inside.reading import Cell, UnreadableError
from grader.sandbox.inside.selecting import statements

GIVEN, SCALARS = "__grader_given__", "__grader_scalars__"
"""Names in the namespace of a script: what was given to it; what it logged for TensorBoard."""


class Script:
    """A submission as a function: it runs with some names given, and returns its namespace."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells

    def __call__(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run all statements in order.

        A statement that raises costs no more than it would in a notebook: the next one is tried.

        Args:
            given: names that the script finds; where it loads something under one of them, it finds what was given.
                With `grader.kit.loops.EACH` and `BEGIN` among them, loops ask whether to go on.

        Raises:
            UnreadableError: there is nothing to run.
            Exception: the first that a statement raised, after all have been tried.
        """
        for cell in self._cells:
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[cell.where] = (len(cell.source), None, lines, cell.where)
        rewritten = [_rewritten(cell, set(given), loops=EACH in given) for cell in self._cells]
        program, failures = statements(rewritten)
        if not program:
            raise failures[0] if failures else UnreadableError("holds no statement")
        module = ModuleType("submission")
        sys.modules["submission"] = module
        sys.argv = [self._cells[0].where]
        namespace = vars(module)
        namespace |= stand_ins.install(given.get(SCALARS, [])) | {"__file__": self._cells[0].where}
        namespace |= {**given, GIVEN: dict(given)}
        errors: list[Exception] = list(failures)
        for statement in program:
            try:
                exec(statement.code, namespace)
            except SystemExit:
                break
            except MemoryError:
                raise
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return namespace


def _rewritten(cell: Cell, given: set[str], *, loops: bool) -> Cell:
    if cell.tree is None:
        return cell
    body = [statement for node in cell.tree.body for statement in _unguarded(node)]
    tree = ast.Module(body, [])
    tree = _Givens(given, _derived(tree, given)).visit(tree)
    tree = Rewriter().visit(tree) if loops else tree
    return replace(cell, tree=ast.fix_missing_locations(tree))


def _unguarded(node: ast.stmt) -> Iterable[ast.stmt]:
    """The statements below `if __name__ == "__main__"`, one by one."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        sides = [node.test.left, *node.test.comparators]
        if any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides):
            return node.body
    return [node]


def _derived(tree: ast.AST, given: set[str]) -> set[str]:
    """Names whose value may come from what was given: what is computed from it is the script's own."""
    derived = set(given)
    while True:
        before = len(derived)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                if derived & _loaded(node):
                    derived.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.For | ast.comprehension):
                source = node.iter if isinstance(node, ast.For | ast.comprehension) else node.value
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if source is not None and derived & _loaded(source):
                    derived |= {name for target in targets for name in _names(target)}
        if len(derived) == before:
            return derived


def _loaded(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _names(target: ast.AST) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _names(element)


class _Givens(ast.NodeTransformer):
    """After an assignment that loads something under a given name, the name holds what was given, and no error is told."""

    def __init__(self, given: set[str], derived: set[str]) -> None:
        self._given, self._derived = given, derived

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        """Add what gives the names back."""
        names = [name for target in node.targets for name in _names(target) if name in self._given]
        if not names or self._derived & _loaded(node.value):
            return node
        attempt = ast.Try([node], [ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])], [], [])
        restored = ast.parse("\n".join(f"{name} = {GIVEN}[{name!r}]" for name in names)).body
        for statement in restored:
            for part in ast.walk(statement):
                ast.copy_location(part, node)
        return [ast.copy_location(attempt, node), *restored]
