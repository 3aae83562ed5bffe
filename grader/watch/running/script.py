"""A script: a submission that is run as a whole, with its data under their names."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from grader.watch.reading.cells import Cell, UnreadableError
from grader.watch.reading.counted import counted
from grader.watch.reading.select import statements
from grader.watch.running import rewrite
from grader.watch.running.execution import Execution, own_modules
from grader.watch.running.raised import remember
from grader.watch.stubs import modules as stubs
from grader.watch.stubs.data import Data, data_of
from grader.watch.stubs.files import MemoryFiles
from grader.watch.stubs.loaders import loading
from grader.watch.stubs.texts import Texts
from grader.wire.facts import Fact


class Script:
    """A submission as a function: it runs with some names given, and returns its namespace.

    Args:
        cells: the submission.
        usual: names that every submission to the exercise finds; it may give them another meaning.
        modules: the cells of other files that it may import, by their paths.
        beside: files that it may open, by their paths.

    Attributes:
        absent: names of modules that it imports and that are nowhere.
        served: loaders that gave it data, with the shape of the columns where these stood for others.
    """

    def __init__(
        self,
        cells: Sequence[Cell],
        usual: Mapping[str, Any] = MappingProxyType({}),
        modules: Mapping[str, Sequence[Cell]] = MappingProxyType({}),
        beside: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._cells, self._usual, self._modules, self._beside = cells, usual, modules, beside
        self.absent: list[str] = []
        self.served: dict[str, tuple[int, ...]] = {}

    def loops(self) -> bool:
        """Whether a loop stands at the top level, or in a function that is called from there. Nothing is run."""
        return rewrite.loops([cell.tree for cell in self._cells if cell.tree])

    def __call__(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run all statements in order.

        Args:
            given: names that the script finds; where it loads something under one of them, it finds what was given.
                With `grader.watch.running.loops.EACH` and `BEGIN` among them, loops ask whether to go on.

        Raises:
            UnreadableError: there is nothing to run.
            Exception: what a statement raised, after all have been tried; several as a group.
        """
        remember([*self._cells, *(cell for file in self._modules.values() for cell in file)])
        own = own_modules(self._modules, self._usual)
        cells = rewrite.as_run(self._cells, given)
        program, refused = own.of_file(cells), statements(cells)[1]
        if not program:
            raise refused[0] if refused else UnreadableError(Fact("holds-no-statement"))
        sys.argv = [self._cells[0].where]
        self.served = given.get(rewrite.SERVED, self.served)
        data = self._data(given.get(rewrite.DATA, ()))
        modules = loading(data, texts := Texts(data)) if data else {}
        for name, content in given.get(rewrite.MODULES, {}).items():
            modules[name] = modules.get(name, {}) | content
        files = MemoryFiles(texts.missing if data else lambda _: None, self._beside)
        standing = stubs.install(given.get(rewrite.SCALARS, []), modules, self.absent, files)
        own.install()
        usual = {**self._usual, **standing, "__file__": self._cells[0].where}
        execution = Execution({**usual, **given, **rewrite.helpers(given, self.served)})
        with suppress(SystemExit):
            for statement in program:
                execution.run(statement)
        errors = [*execution.errors, *refused]
        if errors:
            full = (error for error in errors if isinstance(error, MemoryError))
            raise next(full, errors[0] if len(errors) == 1 else ExceptionGroup("several errors", errors))
        return execution.namespace

    def _data(self, pairs: Sequence[tuple[Any, Any]]) -> Data | None:
        """What loaders give, where the exercise has data."""
        trees = [cell.tree for cell in self._cells if cell.tree]
        return data_of(pairs, counted(trees), self.served) if pairs else None
