"""Distinct honest submissions for the benchmarks, made from the right ones among the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
RIGHT = ROOT / "tests/submissions/mynet/right"


def write_distinct(folder: Path, count: int, right: Path = RIGHT, styles: Sequence[str] = ()) -> list[Path]:
    """`count` files in the styles of the tests' right submissions, each with names and constants of its own.

    Args:
        right: the folder of right submissions.
        styles: the names of those that are taken, without `.py`; all where none is named.
    """
    sources = [path for path in sorted(right.glob("*.py")) if not styles or path.stem in styles]
    trees = [(path.stem, ast.parse(path.read_bytes())) for path in sources if _is_plain(path)]
    paths = []
    for number in range(count):
        style, tree = trees[number % len(trees)]
        path = folder / f"{style}-{number}.py"
        path.write_text(f"# handed in by {number}\nlucky = {number}\n{_renamed(tree, number)}\n", encoding="utf-8")
        paths.append(path)
    return paths


def _is_plain(path: Path) -> bool:
    """Whether it is UTF-8 and Python, and no magic of a notebook."""
    try:
        ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return False
    return True


def _renamed(tree: ast.Module, number: int) -> str:
    """The same program with other names for the local variables of its outermost functions."""
    fresh = ast.parse(ast.unparse(tree))
    for function in _functions(fresh):
        own = _locals(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in own:
                node.id = f"{node.id}_{number}"
    return ast.unparse(fresh)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def _locals(function: ast.FunctionDef) -> set[str]:
    """Names that are assigned within, and that nothing else refers to in another way than by name."""
    nodes = list(ast.walk(function))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    fixed = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            fixed |= set(node.names)
    return stored - fixed
