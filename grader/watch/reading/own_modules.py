"""The other files of a hand-in, as modules: served from the bytes that were handed in, and from nothing else."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import PurePosixPath
from types import FrameType, ModuleType
from typing import Any

from grader.watch.reading.cells import Cell
from grader.watch.reading.select import Statement, statements

_FOLDER = "handed_in"
"""A package around all files, for those whose names belong to modules that are loaded."""
OWN = {"submission", _FOLDER}
"""The names of modules whose code is the student's."""

_OURS = frozenset({"submission"})
"""Names of modules that no library has: that of the file itself, when it runs."""
_RELATIVE = re.compile(r"from[\s\\]*\.")
"""What every import of `.name` has in it, and little else."""


class OwnModules(MetaPathFinder, Loader):
    """Finds modules among files.

    Args:
        files: the cells of each, by its path from the folder of the main file, with slashes.
        run: runs the statements of a module in it.
    """

    def __init__(
        self, files: Mapping[str, Sequence[Cell]], run: Callable[[ModuleType, Sequence[Statement]], None]
    ) -> None:
        self.files = files
        self._run, self._wanted = run, False
        OWN.update(map(module_name, files))

    def install(self) -> None:
        """Let the student's code import them."""
        if self.files:
            sys.meta_path.insert(0, self)

    def module(self, path: str) -> ModuleType:
        """The module of a file.

        Raises:
            Exception: what importing it raises.
        """
        self._wanted = True
        try:
            return import_module(module_name(path))
        finally:
            self._wanted = False

    def path_of(self, name: str) -> str | None:
        """The file of a module, by its path or, where only one is called so, by the end of it; "" for a folder."""
        if name == _FOLDER:
            return ""
        place = name.removeprefix(f"{_FOLDER}.").replace(".", "/")
        for kind in (f"{place}.py", f"{place}/__init__.py"):
            found = [kind] if kind in self.files else [path for path in self.files if path.endswith(f"/{kind}")]
            if len(found) == 1:
                return found[0]
        return "" if any(f"/{place}/" in f"/{path}" for path in self.files) else None

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """A file of the hand-in, if the student's code asks for one."""
        path = self.path_of(fullname) if self._wanted or is_asked_for_by_own_code(__name__) else None
        if path is None:
            return None
        return ModuleSpec(fullname, self, origin=path or None, is_package=not path or path.endswith("/__init__.py"))

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As usual."""
        OWN.add(spec.name)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run all statements of the file; that one raises costs what it was to make."""
        spec = module.__spec__
        if spec is not None and spec.origin:
            self._run(module, self.program(spec.origin))

    def program(self, path: str) -> list[Statement]:
        """The statements of a file."""
        return self.of_file(self.files[path], path)

    def of_file(self, cells: Sequence[Cell], path: str = "") -> list[Statement]:
        """Statements whose imports of each other's files are by names that are found, and whose stars are known."""
        program, _ = statements([self._absolute(cell, path) for cell in self._inlined(cells)])
        return [self._with_stars(statement) for statement in program]

    def _inlined(self, cells: Sequence[Cell], inside: frozenset[str] = frozenset()) -> Iterator[Cell]:
        """Cells, with those of a file in the place of `exec(open("file.py").read())`."""
        for cell in cells:
            done, body = 0, cell.tree.body if cell.tree and self.files else []
            for number, node in enumerate(body):
                path = self._executed(node)
                if path and path not in inside:
                    yield replace(cell, tree=ast.Module(body[done:number], []))
                    yield from self._inlined(self.files[path], inside | {path})
                    done = number + 1
            yield replace(cell, tree=ast.Module(body[done:], [])) if done else cell

    def _executed(self, node: ast.stmt) -> str | None:
        """The file whose name stands in a call of `exec`."""
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "exec":
            return None
        texts = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        names = [module_name(text.removeprefix("./")) for text in texts if text.endswith(".py")]
        return next(filter(None, map(self.path_of, names)), None)

    def _absolute(self, cell: Cell, path: str) -> Cell:
        """A cell whose imports name files; most have none to name."""
        if not self.files and not _RELATIVE.search(cell.source):
            return cell
        return replace(cell, tree=self.absolute(cell.tree, path))

    def absolute(self, tree: ast.Module | None, path: str = "") -> ast.Module | None:
        """The tree of a file, in which `from .helpers import f` and `from package.helpers import f` name files."""
        parts = PurePosixPath(path).parent.parts
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom):
                base = [*parts[: max(0, len(parts) + 1 - node.level)]] if node.level else []
                wanted = [part for part in (*base, *(node.module or "").split(".")) if part]
                node.module = self._found(wanted, is_own=node.level > 0)
                node.level = 0
            elif isinstance(node, ast.Import):
                node.names = [self._apart(alias) if alias.name in _OURS else alias for alias in node.names]
        return tree if tree is None else self._without_bare_imports(tree)

    def _found(self, parts: list[str], *, is_own: bool) -> str:
        """The name under which a module is found: its own, or that without the package that the hand-in lies in.

        Args:
            is_own: it can be no library's: its import is relative.
        """
        if is_own or (parts and (parts[0] not in sys.modules or parts[0] in _OURS)):
            for first in range(len(parts)):
                if self.path_of(name := ".".join(parts[first:])):
                    return f"{_FOLDER}.{name}" if self._is_taken(parts[first]) else name
        return ".".join(parts)

    def _is_taken(self, name: str) -> bool:
        """Whether a module that is loaded has a name, and is none of the files."""
        loader = getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None)
        return name in _OURS or (name in sys.modules and loader is not self)

    def _without_bare_imports(self, tree: ast.Module) -> ast.Module:
        """`from . import helpers`, which has no module's name left, as `import helpers`."""
        for parent in ast.walk(tree):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(parent, field, None)
                if isinstance(block, list):
                    block[:] = [
                        ast.copy_location(ast.Import([self._apart(name) for name in node.names]), node)
                        if isinstance(node, ast.ImportFrom) and not node.module
                        else node
                        for node in block
                    ]
        return tree

    def _apart(self, alias: ast.alias) -> ast.alias:
        if not (self._is_taken(alias.name) and self.path_of(alias.name)):
            return alias
        return ast.copy_location(ast.alias(f"{_FOLDER}.{alias.name}", alias.asname or alias.name), alias)

    def _with_stars(self, statement: Statement) -> Statement:
        node = statement.node
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and node.module:
            return replace(statement, binds=frozenset(self.public(node.module)))
        return statement

    def public(self, name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The names that `from name import *` brings."""
        path = self.path_of(name)
        if not path or path in seen:
            return
        for statement in statements(self.files[path])[0]:
            node = statement.node
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and node.module:
                yield from self.public(node.module, seen | {path})
            yield from (bound for bound in statement.binds if not bound.startswith("_"))


def is_asked_for_by_own_code(*through: str) -> bool:
    """Whether the student's code imports; a library that does without a module must be told that it is not there.

    Args:
        through: names of modules through which an import goes on its way to a finder.
    """
    passed = {__name__, "importlib", "importlib._bootstrap", "importlib._bootstrap_external", *through}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in passed:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in OWN


def module_name(path: str) -> str:
    """The name under which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
