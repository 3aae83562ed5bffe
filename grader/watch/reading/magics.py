"""What of a notebook's cell is Python, by IPython's own rules.

IPython's input transformer makes calls of `get_ipython()` out of `%magic`, `!command`, `help?` and `%%cell` magics, as
it also stands in notebooks that were exported to a file. What such a call would run in the notebook's own namespace
takes its place; anything else takes its place as nothing.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

_RUN_THEIR_CELL = frozenset(
    ["time", "capture", "prun", "debug", "memit", "wandb", "snakeviz", "pyinstrument", "scalene"]
)
"""Cell magics that run their cell where it stands; of `%%timeit` nothing stays."""
_RUN_THEIR_LINE = frozenset(["time", "prun", "debug"])
_WRITE = frozenset(["writefile", "file"])
_AUTOMATIC = frozenset(
    ["cat", "cd", "conda", "cp", "env", "ls", "ll", "mamba", "matplotlib", "mkdir", "mv", "pip", "pwd"]
)
"""What IPython takes for a magic without `%`, where it is all of a cell and no Python."""
_MOST_CHANGES = 500
"""As many as IPython makes in a cell; in a long one, two for each line."""
_INSTEAD = {"pylab": "import numpy\nimport numpy as np\nfrom numpy import *"}


def _rules() -> Any:
    """IPython's `inputtransformer2`, without the rest of IPython, whose import takes twenty times as long."""
    if "IPython" in sys.modules:
        return importlib.import_module("IPython.core.inputtransformer2")
    spec = importlib.util.find_spec("IPython")
    if spec is None or spec.origin is None:
        raise ImportError("IPython, which tells what of a notebook is Python, is not installed")
    folder = Path(spec.origin).parent
    for name, path in {"IPython": folder, "IPython.core": folder / "core", "IPython.utils": folder / "utils"}.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(path)]
    try:
        return importlib.import_module("IPython.core.inputtransformer2")
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "IPython"]:
            del sys.modules[name]


_ipython = _rules()


def as_python(source: str) -> str:
    """A cell with calls in the place of what only IPython understands; every line keeps its number.

    Raises:
        SyntaxError: it cannot be read.
    """
    words = source.split(None, 1)
    if words and words[0] in _AUTOMATIC and "\n" not in source.strip():
        source = source.replace(words[0], f"%{words[0]}", 1)
    try:
        with warnings.catch_warnings(action="ignore"):
            return "".join(_transformed(f"{source}\n".splitlines(keepends=True)))
    except SyntaxError:
        raise
    except Exception as error:  # it is made for what people type, not for any bytes
        raise SyntaxError(f"cannot be read by IPython's rules ({type(error).__name__})") from None


def _transformed(lines: list[str]) -> list[str]:
    manager = _ipython.TransformerManager()
    empty = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for transform in (*manager.cleanup_transforms, *manager.line_transforms):
        lines = transform(lines)
    for _ in range(max(_MOST_CHANGES, 2 * len(lines) + 1)):  # `/,` becomes `,()`, and that a call
        changed, after = manager.do_one_token_transform(lines)
        if not changed:
            break
        same = next((n for n, (old, new) in enumerate(zip(lines, after, strict=False)) if old != new), 0)
        lines = [*after[: same + 1], *["\n"] * (len(lines) - len(after)), *after[same + 1 :]]
    return ["\n"] * empty + lines


def interpreted(tree: ast.Module, parse: Callable[[str, int], ast.Module], writes: dict[str, str]) -> ast.Module:
    """A tree in which calls of `get_ipython()` are replaced by what they run.

    Args:
        parse: makes a tree of what IPython understands, which begins at a line.
        writes: gets the contents of files that cells write, by name.
    """
    changed: ast.Module = _Interpreter(parse, writes).visit(tree)
    return ast.fix_missing_locations(changed)


class _Interpreter(ast.NodeTransformer):
    def __init__(self, parse: Callable[[str, int], ast.Module], writes: dict[str, str]) -> None:
        self._parse, self._writes = parse, writes

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        """A statement: the cell or line that it runs."""
        method, arguments = _called(node.value)
        body = self._run(method, arguments, node.lineno) if method else None
        return self.generic_visit(node) if body is None else body or [ast.copy_location(ast.Pass(), node)]

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A value: what `x = %time f()` computes; no lines of output for `x = !ls`."""
        method, arguments = _called(node)
        if not method:
            return self.generic_visit(node)
        body = self._run(method, arguments, node.lineno)
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            return body[0].value
        return ast.copy_location(ast.List([], ast.Load()) if method == "getoutput" else ast.Constant(None), node)

    def _run(self, method: str, arguments: list[str], line: int) -> list[ast.stmt]:
        name, *rest = [*arguments, ""]
        if method == "run_line_magic":
            if name in _RUN_THEIR_LINE:
                return self._parse(rest[0], line).body
            if name == "run":
                return self._parse(_imported(rest[0]), line).body
            return self._parse(_INSTEAD.get(name, ""), line).body
        if method == "run_cell_magic" and len(rest) > 1:
            if name in _RUN_THEIR_CELL:
                return self._parse(rest[1], line + 1).body
            if name in _WRITE:
                self._write(rest[0].split(), rest[1])
        return []

    def _write(self, words: list[str], text: str) -> None:
        for name in [word.strip("\"'") for word in words if not word.startswith("-")][-1:]:
            before = self._writes.get(name, "") if {"-a", "--append"} & {*words} else ""
            self._writes[name] = before + text


def _called(node: ast.AST) -> tuple[str, list[str]]:
    """The method of `get_ipython()` that is called, and the texts that it is given; "" for any other call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        shell = node.func.value
        if isinstance(shell, ast.Call) and getattr(shell.func, "id", "") == "get_ipython":
            return node.func.attr, list(_texts(node.args))
    return "", []


def _texts(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        yield str(argument.value) if isinstance(argument, ast.Constant) else ""


def _imported(line: str) -> str:
    """`%run helpers.py` leaves what the file defines; with `-i` it is run in the notebook's own namespace."""
    words = line.split()
    file = next((word for word in words if not word.startswith("-")), "").strip("\"'")
    if "-i" in words and file.endswith(".py"):
        return f"exec(open({file!r}).read())"
    module = ".".join(Path(file).with_suffix("").parts)
    return f"from {module} import *" if module.replace(".", "").isidentifier() else ""
