"""Run the statements of a submission one after the other: one that raises costs no more than what it was to make."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from grader.watch.reading import older
from grader.watch.reading.cells import Cell
from grader.watch.reading.own_modules import OwnModules
from grader.watch.reading.select import Statement
from grader.watch.running.limits import EndOfTime, Waiting, alarm, patience
from grader.watch.running.raised import Unavailable, text_of
from grader.watch.running.silence import Silence

_TENTATIVE_SECONDS = 1.0
"""How long statements that may be of no use may compute, all together; and how long they may wait besides."""


class Absent:
    """Stands for something that a statement failed to make, and says so when it is used."""

    def __init__(self, name: str, why: Exception) -> None:
        self.__dict__.update(_name=name, _why=why)

    if TYPE_CHECKING:
        _name: str
        _why: Exception

    def __getattr__(self, attribute: str) -> Absent:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return Absent(f"{self._name}.{attribute}", self._why)

    def __getitem__(self, _: object) -> Absent:  # an annotation like Float[Tensor, "n"] is no use
        return self

    def _complain(self, *_: object, **__: object) -> NoReturn:
        raise Unavailable(f"`{self._name}` is not available here: {type(self._why).__name__}: {text_of(self._why)}")

    __setattr__ = __call__ = __iter__ = __bool__ = __len__ = __float__ = __index__ = __mro_entries__ = _complain
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = __neg__ = _complain


@dataclass
class Execution:
    """Statements that are run one after the other, as a module of their own.

    A statement that raises costs no more than it would in a notebook: what it was to make is not there.

    Args:
        given: names that the submission finds without defining them.
        kept: names of functions that keep them where a number takes one, as in `loss = loss(v, t)`.
        module: in which they are run; by default that of the submission.

    Attributes:
        failures: what raised, by the names that it was to bind.
        errors: what raised, in order, but for what only follows from an earlier error.
    """

    given: Mapping[str, Any]
    kept: Collection[str] = ()
    module: ModuleType = field(default_factory=partial(ModuleType, "submission"))
    failures: dict[str, Exception] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        sys.modules[self.module.__name__] = self.module  # dataclasses and pickling look themselves up there
        self.namespace = vars(self.module)
        self.namespace |= {**older.NAMES, **self.given}
        self._seconds = self._patience = _TENTATIVE_SECONDS

    def run(self, statement: Statement, *, tentatively: bool = False) -> dict[str, Any]:
        """Run one, in silence and for a short time where that is tentative.

        Returns:
            What it has bound.
        """
        names = self.namespace
        before = {name: names[name] for name in statement.binds.intersection(self.kept) if name in names}
        try:
            if tentatively:
                self._try(statement.code)
            else:
                exec(statement.code, names)
        except Exception as error:
            self.failures |= dict.fromkeys(statement.binds, error)
            if not self._follows(error, statement):
                self.errors.append(error)
            names |= {name: Absent(name, error) for name in statement.binds - names.keys()}
            return {}
        names |= {n: f for n, f in before.items() if _is_function(f) and not _is_function(names.get(n))}
        return {name: names[name] for name in statement.binds if name in names}

    def _follows(self, error: Exception, statement: Statement) -> bool:
        """Whether an error is one that would not be there but for an earlier one."""
        absent = any(isinstance(self.namespace.get(name), Absent) for name in statement.reads)
        return absent or isinstance(error, Unavailable)

    def _try(self, code: CodeType) -> None:
        """Run code that is perhaps of no use."""
        if min(self._seconds, self._patience) <= 0:
            return
        started, silence, waiting = time.process_time(), Silence(), Waiting()
        patient, bounded = patience(self._patience, waiting), alarm(self._seconds)
        try:
            with suppress(EndOfTime, SystemExit), redirect_stdout(silence), redirect_stderr(silence), patient, bounded:
                exec(code, self.namespace)
        finally:
            self._seconds -= time.process_time() - started
            self._patience -= waiting.seconds


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, Absent)


def own_modules(modules: Mapping[str, Sequence[Cell]], given: Mapping[str, Any]) -> OwnModules:
    """The other files of a hand-in; what they do besides making things is done tentatively."""

    def run(module: ModuleType, program: Sequence[Statement]) -> None:
        execution = Execution({**given, "__file__": module.__spec__ and module.__spec__.origin}, module=module)
        for statement in program:
            makes = statement.is_definition or statement.is_import or statement.is_assignment
            execution.run(statement, tentatively=not makes)

    return OwnModules(modules, run)
