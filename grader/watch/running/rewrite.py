"""All rewriting of a script before it is run: the data are those that were given, and loops ask whether to go on."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from grader.watch.reading.cells import Cell, last_name
from grader.watch.running.loops import BEGIN, EACH

SCALARS, _GIVEN, _FIT, _AS = "__grader_scalars__", "__grader_given__", "__grader_fit__", "__grader_as__"
"""Names in the namespace of a script: what it logged for TensorBoard; what was given to it; what adapts the latter."""
WRAP, MODULES, DATA, SERVED = "__grader_wrap__", "__grader_modules__", "__grader_data__", "__grader_served__"
"""What may be given besides: a decorator for all functions and classes of the top level; contents of modules; pairs of
columns and targets, of a training set and a test set, for what loads data; a dictionary that gets the loaders that gave
data, with the shape of the columns that stood for others."""


def as_run(cells: Sequence[Cell], given: Collection[str]) -> list[Cell]:
    """The cells of a script as they are run with some names given."""
    trees = [
        ast.Module([part for node in cell.tree.body for part in _unguarded(node)], []) if cell.tree else None
        for cell in cells
    ]
    giver = _Giver(set(given))
    rewritten = []
    for cell, tree in zip(cells, trees, strict=True):
        if tree:
            tree = giver.visit(tree)
            for node in tree.body if WRAP in given else ():
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    node.decorator_list.insert(0, ast.copy_location(ast.Name(WRAP, ast.Load()), node))
            tree = ast.fix_missing_locations(AskingLoops().visit(tree) if EACH in given else tree)
        rewritten.append(replace(cell, tree=tree))
    return rewritten


def helpers(given: Mapping[str, Any], served: Collection[str] = ()) -> dict[str, Any]:
    """What rewritten code calls.

    Args:
        served: gets the loaders that gave a script data; as long as none did, its data are those that were given.
    """

    def unless_served(adapt: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        return lambda value, given: value if served and hasattr(value, "shape") else adapt(value, given)

    return {_GIVEN: dict(given), _FIT: unless_served(_fit), _AS: unless_served(_as)}


def loops(trees: Sequence[ast.Module]) -> bool:
    """Whether a loop stands at the top level, or in a function that is called from there."""
    looping: set[str] = set()
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    while found := {f.name for f in functions if f.name not in looping and _may_loop(f, looping)}:
        looping |= found
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    top = (node for tree in trees for node in tree.body if not isinstance(node, definitions))
    return any(_may_loop(node, looping) for node in top)


def _may_loop(node: ast.stmt, looping: Collection[str]) -> bool:
    """Whether there is a loop in a statement, or a call of what loops."""
    for part in ast.walk(node):
        if isinstance(part, ast.For | ast.While):
            return True
        if isinstance(part, ast.Call) and last_name(part.func) in looping:
            return True
    return False


def _unguarded(node: ast.stmt) -> Iterable[ast.stmt]:
    """The statements below `if __name__ == "__main__"`, one by one."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        sides = [node.test.left, *node.test.comparators]
        if any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides):
            return node.body
    return [node]


class AskingLoops(ast.NodeTransformer):
    """Let every loop of a program ask whether it goes on.

    But not those that yield: they serve a loop elsewhere, which asks.
    """

    def __init__(self) -> None:
        self._count = 0

    def visit_For(self, node: ast.For) -> ast.For:
        """`for x in xs` becomes `for x in EACH(xs)`."""
        self.generic_visit(node)
        if _yields(node):
            return node
        node.iter = ast.copy_location(ast.Call(ast.Name(EACH, ast.Load()), [node.iter], []), node.iter)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        """`[f(x) for x in xs]` becomes `[f(x) for x in EACH(xs)]`: some train within one."""
        self.generic_visit(node)
        for part in node.generators:
            part.iter = ast.copy_location(ast.Call(ast.Name(EACH, ast.Load()), [part.iter], []), part.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt | list[ast.stmt]:
        """`while c` becomes `while loop.goes_on() and c`, between `loop = BEGIN()` and `loop.end()`."""
        self.generic_visit(node)
        if _yields(node):
            return node
        self._count += 1
        name = f"__grader_loop_{self._count}__"

        def call(method: str) -> ast.Call:
            return ast.Call(ast.Attribute(ast.Name(name, ast.Load()), method, ast.Load()), [], [])

        begin = ast.Assign([ast.Name(name, ast.Store())], ast.Call(ast.Name(BEGIN, ast.Load()), [], []))
        node.test = ast.BoolOp(ast.And(), [call("goes_on"), node.test])
        whole = ast.Try([node], [], [], [ast.Expr(call("end"))])
        return [ast.copy_location(begin, node), ast.copy_location(whole, node)]


def _yields(node: ast.AST) -> bool:
    """Whether code hands out values where it stands, and not in a function within."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    return isinstance(node, ast.Yield | ast.YieldFrom) or any(
        _yields(child) for child in ast.iter_child_nodes(node) if not isinstance(child, functions)
    )


def _derived(tree: ast.AST, known: Collection[str]) -> set[str]:
    """Names whose value may come from that of known ones, after a statement: what is computed is the script's own."""
    derived = set(known)
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


def _fit(value: Any, given: Any) -> Any:
    """What a script made of loaded data, in the shape of what was given in their place."""
    shape = getattr(value, "shape", given.shape)
    same = shape != given.shape and math.prod(shape) == math.prod(given.shape)
    return value.reshape(given.shape) if same else value


def _as(value: Any, given: Any) -> Any:
    """What was given, as a tensor or an array of the precision in which a script had loaded its own data."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return given.to(value.dtype)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return given.numpy().astype(value.dtype)
    return given


class _Giver(ast.NodeTransformer):
    """Where a script loads something under a given name, the name holds what was given, and no error is told.

    What it computes from these names afterwards is kept; but the shapes that it gives them are meant for what it loads.
    """

    def __init__(self, given: set[str]) -> None:
        self._given, self._derived = given, given
        self._loaded: set[str] = set()

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """One statement after the other: what a name is used for below says nothing of what it is above."""
        body: list[ast.stmt] = []
        for statement in node.body:
            self._derived = _derived(statement, self._derived)
            visited = self.visit(statement)
            body += visited if isinstance(visited, list) else [visited]
        node.body = body
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        """Add what gives the names back, or what puts them into shape."""
        names = [name for target in node.targets for name in _names(target) if name in self._given]
        if self._derived & _loaded(node.value):
            names = [name for name in names if name in self._loaded]
            return [node, *_lines(node, [f"{name} = {_FIT}({name}, {_GIVEN}[{name!r}])" for name in names])]
        if not names:
            return node
        self._loaded.update(names)
        as_given = _lines(node, [f"{name} = {_GIVEN}[{name!r}]" for name in names])
        adapted = _lines(node, [f"{name} = {_AS}({name}, {_GIVEN}[{name!r}])" for name in names])
        failed = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, as_given)
        return ast.copy_location(ast.Try([node], [failed], adapted, []), node)


def _lines(place: ast.stmt, lines: Sequence[str]) -> list[ast.stmt]:
    """Statements that stand where another one does."""
    added = ast.parse("\n".join(lines)).body
    for statement in added:
        for part in ast.walk(statement):
            ast.copy_location(part, place)
    return added
