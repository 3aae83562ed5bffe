"""A handout as a notebook: its title, and the code of `handout.py`, a cell for each part."""

from __future__ import annotations

import ast
import json
from typing import Any


def as_notebook(source: str, slug: str) -> str:
    """The text of a notebook: the docstring of a Python file, its imports, each definition, and the check of it all."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    imports: list[str] = []
    definitions = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports += lines[node.lineno - 1 : node.end_lineno]
        elif not isinstance(node, ast.Expr):
            definitions.append(_with_comments(lines, node))
    check = ["from grader import check\n", "\n", f'check("{slug}", globals())']
    cells = [_cell(1, "markdown", [f"# {ast.get_docstring(tree) or ''}"])]
    cells += [_cell(number, "code", code) for number, code in enumerate([imports, *definitions, check], start=2)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _with_comments(lines: list[str], node: ast.stmt) -> list[str]:
    """A definition, with the comments that come after its last statement: the gaps."""
    end = node.end_lineno or node.lineno
    while end < len(lines) and (lines[end].startswith((" ", "\t")) or not lines[end].strip()):
        end += 1
    return "".join(lines[node.lineno - 1 : end]).rstrip().splitlines(keepends=True)


def _cell(number: int, kind: str, source: list[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell
