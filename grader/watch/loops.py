"""End the loops of a script that have trained for long enough, as if their bounds had been smaller."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any

EACH, BEGIN = "__grader_each__", "__grader_begin__"
"""What a rewritten script calls: `for x in EACH(xs)`, and `BEGIN()` before a `while`."""


class Loop:
    """One execution of one loop, asked before each iteration whether to go on."""

    def __init__(self, watch: LoopWatch) -> None:
        self._watch = watch
        self._before: object = None
        self._last: object = None
        watch.stack.append(self)

    def goes_on(self) -> bool:
        """False once two iterations in a row trained the same parameters, and these have had enough of it."""
        before, self._before, self._watch.trained = self._before, self._watch.trained, None
        self._last = self._before or self._last
        return self._before is None or self._before is not before or not self._watch.enough(self._before)

    def end(self) -> None:
        """The loop is left; what was trained within it was trained within the loop around it."""
        if self in self._watch.stack:
            del self._watch.stack[self._watch.stack.index(self) :]
        self._watch.trained = self._watch.trained or self._last


class LoopWatch:
    """The loops that are being run, outermost first; `trained` is what was trained since a loop last asked."""

    def __init__(self, enough: Callable[[Any], bool]) -> None:
        self.enough = enough
        self.stack: list[Loop] = []
        self.trained: object = None

    def begin(self) -> Loop:
        """A `while` starts."""
        return Loop(self)

    def each(self, values: Iterable[Any]) -> Iterator[Any]:
        """A `for` over `values`."""
        iterator, loop = iter(values), Loop(self)
        try:
            while loop.goes_on():
                try:
                    value = next(iterator)
                except StopIteration:
                    return
                yield value
        finally:
            loop.end()


class Rewriter(ast.NodeTransformer):
    """Let every loop of a program ask whether it goes on."""

    def __init__(self) -> None:
        self._count = 0

    def visit_For(self, node: ast.For) -> ast.For:
        """`for x in xs` becomes `for x in EACH(xs)`."""
        self.generic_visit(node)
        node.iter = ast.copy_location(ast.Call(ast.Name(EACH, ast.Load()), [node.iter], []), node.iter)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        """`[f(x) for x in xs]` becomes `[f(x) for x in EACH(xs)]`: some train within one."""
        self.generic_visit(node)
        for part in node.generators:
            part.iter = ast.copy_location(ast.Call(ast.Name(EACH, ast.Load()), [part.iter], []), part.iter)
        return node

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        """`while c` becomes `while loop.goes_on() and c`, between `loop = BEGIN()` and `loop.end()`."""
        self.generic_visit(node)
        self._count += 1
        name = f"__grader_loop_{self._count}__"

        def call(method: str) -> ast.Call:
            return ast.Call(ast.Attribute(ast.Name(name, ast.Load()), method, ast.Load()), [], [])

        begin = ast.Assign([ast.Name(name, ast.Store())], ast.Call(ast.Name(BEGIN, ast.Load()), [], []))
        node.test = ast.BoolOp(ast.And(), [call("goes_on"), node.test])
        whole = ast.Try([node], [], [], [ast.Expr(call("end"))])
        return [ast.copy_location(begin, node), ast.copy_location(whole, node)]
