"""Find the line that a problem is about."""

from __future__ import annotations

import ast
import inspect
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.validation.finding import Location


def line_with(path: Path, *texts: str) -> Location:
    """The first line of a file that has one of the texts in it, tried in their order; else the first line."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    for text in texts:
        for number, line in enumerate(lines, start=1):
            if text in line:
                return Location(path, number)
    return Location(path)


def definition(path: Path, names: Iterable[str]) -> Location:
    """Where the first of some functions, classes or variables is defined in a Python file; else the first line."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return Location(path)
    lines = {name: node.lineno for node in tree.body for name in _defined(node)}
    return next((Location(path, lines[name]) for name in names if name in lines), Location(path))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def function(call: Any, otherwise: Location) -> Location:
    """Where a function or method is defined, if its file is that of `otherwise`; else `otherwise`."""
    try:
        _, line = inspect.getsourcelines(call)
        file = Path(inspect.getsourcefile(call) or "")
    except (OSError, TypeError):
        return otherwise
    return Location(file, line) if file == otherwise.file else otherwise


def raised_in(error: BaseException, folders: Iterable[Path]) -> Location | None:
    """The innermost line in one of these folders that an exception, or what caused it, went through."""
    known = set(folders)
    cause: BaseException | None = error
    found = None
    while cause:
        own = [f for f in traceback.extract_tb(cause.__traceback__) if Path(f.filename).parent in known]
        if own:
            found = Location(Path(own[-1].filename), own[-1].lineno or 1)
        cause = cause.__cause__
    return found
