"""Run what the entry points of a submission need, and hand these out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from grader.watch.reading.cells import Cell, UnreadableError
from grader.watch.reading.entry_points import AskedFor, derived_value, find_entry, missing_module, rivals
from grader.watch.reading.noticed import asked_for, misplaced
from grader.watch.reading.own_modules import OwnModules
from grader.watch.reading.select import Place, Statement, needed, statements
from grader.watch.running.execution import Absent, Execution, own_modules
from grader.watch.running.meant import HowRight, most_right, nobody_knows
from grader.watch.running.raised import remember
from grader.wire.facts import Fact

_SHOWN = 12


@dataclass(frozen=True)
class Loaded:
    """The namespace of a submission, with each entry point that was made under its own name.

    `failures` tells why others, which it seems to define, could not be made. What is in neither was not attempted.
    """

    names: dict[str, Any]
    failures: dict[str, Exception]


def load(
    cells: Sequence[Cell],
    entries: Mapping[str, AskedFor],
    given: Mapping[str, Any],
    begin: Callable[[], object] = lambda: None,
    modules: Mapping[str, Sequence[Cell]] = MappingProxyType({}),
    how_right: HowRight = nobody_knows,
) -> Loaded:
    """Run what the entry points need.

    Args:
        given: names that the submission finds without defining them.
        begin: is called before anything of the submission runs.
        modules: the cells of other files, which it may import and which may define what it does not, by their paths.
        how_right: tells of several classes the one that was meant.

    Raises:
        UnreadableError: nothing defines any of the entry points.
        SyntaxError: likewise, and a cell that may have held them is not Python.
        Exception: whatever the statement that defines the only one raises.
    """
    remember([*cells, *(cell for file in modules.values() for cell in file)])
    own = own_modules(modules, given)
    program, found = own.of_file(cells), dict[str, Place]()
    for name, entry in entries.items():
        place = find_entry(program, entry.spellings, entry.base, [other.name for other in found.values()])
        if place:
            found[name] = place
    elsewhere = _elsewhere(own, modules, {name: entry for name, entry in entries.items() if name not in found})
    if not found and not elsewhere:
        refused = statements(cells)[1]
        raise refused[0] if refused else UnreadableError(_defines_none(cells, program, entries))
    absent = [entry for name, entry in entries.items() if name not in found and entry.base]
    selection = needed(program, found.values(), [*given, *_likely(program, absent)])
    begin()
    own.install()
    execution = Execution(
        {**given, "__file__": cells[0].where}, {name for s in program if s.is_definition for name in s.binds}
    )
    made: dict[int | None, Mapping[str, Any]] = {None: execution.namespace}
    for number, statement in selection.statements.items():
        made[number] = execution.run(statement, tentatively=number in selection.tentative)
    loaded = Loaded(execution.namespace, {})
    for name, place in found.items():
        _take(loaded, name, partial(_entry, name, place, made[place.statement], execution.failures))
    never_made = {name for name in loaded.failures if found[name].name not in execution.namespace}
    # as where `if TYPE_CHECKING: from .scalar import Scalar` names what another file makes
    elsewhere |= _elsewhere(own, modules, {name: entries[name] for name in never_made})
    for name, (path, place) in elsewhere.items():
        _take(loaded, name, partial(_imported, name, place, own, path))
    chosen = {name: loaded.names[name] for name in {*found, *elsewhere} - loaded.failures.keys()}
    for name, entry in entries.items():
        others = rivals(program, entry, found.get(name), found.values())
        makers = (partial(_made_late, name, place, program, given, execution, made) for place in others)
        meant = most_right(chosen.get(name), makers, partial(how_right, name, loaded.names))
        if meant is not None and meant is not chosen.get(name):
            chosen[name] = meant
            _take(loaded, name, partial(_itself, meant))
    for name in entries.keys() - chosen.keys() - found.keys() - elsewhere.keys():
        _find_made(loaded, name, entries[name], cells)
    if len(entries) == 1 and loaded.failures:
        raise next(iter(loaded.failures.values()))
    return loaded


def _made_late(
    name: str,
    place: Place,
    program: Sequence[Statement],
    given: Mapping[str, Any],
    execution: Execution,
    made: dict[int | None, Mapping[str, Any]],
) -> Any:
    """What is at a place that was not chosen; what it needs and was not run yet is run."""
    for number, statement in needed(program, [place], given).statements.items():
        if number not in made:
            made[number] = execution.run(statement, tentatively=True)
    return _entry(name, place, made[place.statement], execution.failures)


def _defines_none(cells: Sequence[Cell], program: Iterable[Statement], entries: Mapping[str, AskedFor]) -> Fact:
    """What a file defines in place of what is asked for, and whether that stands where nothing runs it."""
    wanted = asked_for(entries)
    for fact in misplaced(cells, entries, ()):
        return Fact(f"defines-none-{fact.kind}", {**wanted, **fact.values})
    own = [f"`{name}`" for statement in program if statement.is_definition for name in sorted(statement.binds)]
    values = {**wanted, "own": ", ".join(own[:_SHOWN])}
    for derived in _absent_bases(program):
        return Fact("defines-none-but-derives", {**values, **derived})
    return Fact("defines-none", values)


def _absent_bases(program: Iterable[Statement]) -> Iterator[dict[str, str]]:
    """The classes that derive from what a module would have given which is not here."""
    absent = {name: module for s in program if (module := missing_module(s.node)) for name in s.binds}
    for statement in program:
        node = statement.node
        if not isinstance(node, ast.ClassDef):
            continue
        for base in map(ast.unparse, node.bases):
            if module := absent.get(base.partition(".")[0]):
                yield {"name": node.name, "base": base, "module": module}


def _elsewhere(
    own: OwnModules, modules: Iterable[str], entries: Mapping[str, AskedFor]
) -> dict[str, tuple[str, Place]]:
    """The entry points that other files define, or else import, with the path of the file; the last of several."""
    imported, defined = dict[str, tuple[str, Place]](), dict[str, tuple[str, Place]]()
    for path in modules if entries else ():
        program = own.program(path)
        for name, entry in entries.items():
            if place := find_entry(program, entry.spellings, entry.base):
                makes = any(s.is_definition and place.name in s.binds for s in program)
                (defined if makes else imported)[name] = path, place
    return imported | defined


def _itself(value: Any) -> Any:
    return value


def _take(loaded: Loaded, name: str, made: Callable[[], Any]) -> None:
    """Keep an entry point, or why there is none."""
    try:
        loaded.names[name] = made()
        loaded.failures.pop(name, None)
    except Exception as error:
        loaded.failures[name] = error


def _find_made(loaded: Loaded, name: str, entry: AskedFor, cells: Sequence[Cell]) -> None:
    """An entry point that no statement defines: a class that was made in another way, or one in a refused cell."""
    value = derived_value(loaded.names, entry.spellings, entry.base) if entry.base else None
    if value is not None:
        loaded.names[name] = value
        return
    refused = [cell.error for cell in cells if cell.error and _mentions(cell.source, entry.spellings)]
    if refused:
        loaded.failures[name] = refused[0]


def _imported(name: str, place: Place, own: OwnModules, path: str) -> Any:
    """An entry point of another file.

    Raises:
        Exception: what kept it from being made.
    """
    return _entry(name, place, vars(own.module(path)), {})


def _likely(program: Iterable[Statement], entries: Iterable[AskedFor]) -> list[str]:
    """Names that classes may have which no class statement makes: `MyReLU = type(...)`."""
    spellings = [spelling.casefold() for entry in entries for spelling in entry.spellings]
    bound = sorted({name for statement in program for name in statement.binds})
    return [name for name in bound if any(spelling in name.casefold() for spelling in spellings)]


def _mentions(source: str, spellings: Sequence[str]) -> bool:
    return any(re.search(rf"\b{spelling}\b", source) for spelling in spellings)


def _entry(name: str, place: Place, made: Mapping[str, Any], failures: Mapping[str, Exception]) -> Any:
    """What an entry point is.

    Raises:
        UnreadableError: it is not callable.
        Exception: what its statement raised.
    """
    value = made.get(place.name)
    if isinstance(value, Absent) or place.name not in made:
        raise failures.get(place.name, UnreadableError(Fact("defined-only-where-run", {"name": place.name})))
    entry = getattr(value, place.attribute) if place.attribute else value
    if not callable(entry):
        raise UnreadableError(Fact("is-no-function", {"name": name, "type": type(entry).__name__}))
    return entry
