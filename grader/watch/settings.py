"""What a file sets for its whole process: how deep calls may go, and the precision of numbers that are made."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.watch.cells import last_name

_DEPTH = "setrecursionlimit"
_PRECISION = frozenset(["set_default_dtype", "set_default_tensor_type"])
_DOUBLE = ("float64", "double", "DoubleTensor")
_DEEPEST = 200_000
"""Calls; each takes some 500 bytes."""


def recursion_limit(trees: Iterable[ast.Module | None], usual: int) -> int:
    """The largest number that a file sets as its limit, where that is more than the usual one."""
    numbers = [
        call.args[0].value
        for call in _calls(trees)
        if last_name(call.func) == _DEPTH and call.args and isinstance(call.args[0], ast.Constant)
    ]
    limits = [int(number) for number in numbers if isinstance(number, int | float) and 0 < number < 1e9]
    return min(max([usual, *limits]), _DEEPEST)


def is_double_by_default(trees: Iterable[ast.Module | None]) -> bool:
    """Whether a file makes its numbers in double precision; so it is to be given such numbers alone."""
    texts = [ast.unparse(call.args[0]) for call in _calls(trees) if last_name(call.func) in _PRECISION and call.args]
    return bool(texts) and any(word in texts[-1] for word in _DOUBLE)


def _calls(trees: Iterable[ast.Module | None]) -> list[ast.Call]:
    """All calls in a file, under the names that are theirs where they were imported under another one."""
    found = []
    for tree in trees:
        nodes = list(ast.walk(tree)) if tree else []
        imports = (alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names)
        renamed = {alias.asname: alias.name for alias in imports if alias.asname}
        for node in nodes:
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in renamed:
                    node = ast.Call(ast.Name(renamed[node.func.id]), node.args, [])
                found.append(node)
    return found
