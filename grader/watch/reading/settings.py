"""What a file sets for its whole process: how deep calls may go, and the precision of numbers that are made."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from grader.watch.reading.cells import Cell, last_name

_DEPTH = "setrecursionlimit"
_PRECISION = ("set_default_dtype", "set_default_tensor_type")
_DOUBLE = ("float64", "double", "DoubleTensor")
_DEEPEST = 200_000
"""Calls; each takes some 500 bytes."""


def recursion_limit(cells: Iterable[Cell], usual: int) -> int:
    """The largest number that a file sets as its limit, where that is more than the usual one."""
    numbers = [
        call.args[0].value for call in _calls(cells, [_DEPTH]) if call.args and isinstance(call.args[0], ast.Constant)
    ]
    limits = [int(number) for number in numbers if isinstance(number, int | float) and 0 < number < 1e9]
    return min(max([usual, *limits]), _DEEPEST)


def is_double_by_default(cells: Iterable[Cell]) -> bool:
    """Whether a file makes its numbers in double precision; so it is to be given such numbers alone."""
    texts = [ast.unparse(call.args[0]) for call in _calls(cells, _PRECISION) if call.args]
    return bool(texts) and any(word in texts[-1] for word in _DOUBLE)


def _calls(cells: Iterable[Cell], names: Sequence[str]) -> list[ast.Call]:
    """All calls of some functions, also where these were imported under another name."""
    found = []
    for cell in cells:
        nodes = list(ast.walk(cell.tree)) if cell.tree and _may_mention(cell.source, names) else []
        imports = (alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names)
        renamed = {alias.asname: alias.name for alias in imports if alias.asname}
        for node in nodes:
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in renamed:
                    node = ast.Call(ast.Name(renamed[node.func.id]), node.args, [])
                if last_name(node.func) in names:
                    found.append(node)
    return found


def _may_mention(source: str, names: Sequence[str]) -> bool:
    """Whether any of these can be a name in a source: only letters beyond ASCII can be read as others are written."""
    return not source.isascii() or any(name in source for name in names)
