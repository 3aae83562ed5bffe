"""Of all that stands at the top level of a file, what is run.

Students' files train networks, draw plots and call things that are absent. What the entry points read is run, in the
order of the file, and what that reads in turn; so a broken cell that nothing needs costs nothing. Whatever else may
change an object that was made so is run tentatively: a table is often filled later, in a loop or by a decorator.
"""

from __future__ import annotations
import __future__

import ast
import dis
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from grader.watch.reading.cells import Cell


@dataclass(frozen=True)
class Statement:
    """One top-level statement, compiled: the global names that it binds and reads."""

    code: CodeType
    binds: frozenset[str]
    reads: frozenset[str]
    node: ast.stmt

    @cached_property
    def is_import(self) -> bool:
        """Whether it is an import, which may fail where it is not used."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @cached_property
    def is_definition(self) -> bool:
        """Whether it is the definition of a function or a class."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)

    @cached_property
    def is_assignment(self) -> bool:
        """Whether all that it does is to give something a name."""
        return isinstance(self.node, ast.Assign | ast.AnnAssign)

    @cached_property
    def makes_a_constant(self) -> bool:
        """Whether what it makes can never change: a number, a text, `torch.float64`, `torch.device("cpu")`."""
        value = getattr(self.node, "value", None)
        if isinstance(value, ast.Call):
            return getattr(value.func, "attr", "") in ("device", "Generator")
        return isinstance(value, ast.Constant | ast.Attribute | ast.UnaryOp) and getattr(value, "value", "") is not None

    @cached_property
    def binds_unknown_names(self) -> bool:
        """Whether nobody can know what it binds: `from m import *`, `globals()[name] = f`."""
        if isinstance(self.node, ast.ImportFrom):
            return self.node.names[0].name == "*"
        return not self.is_definition and any(map(_fills_the_namespace, ast.walk(self.node)))

    @cached_property
    def runs(self) -> frozenset[str]:
        """The names that it reads when it is run; of a definition, those of decorators, bases and defaults."""
        return frozenset(named(self.code, _LOADING)) if self.is_definition else self.reads

    @cached_property
    def calls(self) -> frozenset[str]:
        """The names within what it calls, as `net` in `net.fit(x)`; none of a definition."""
        called = [] if self.is_definition else [n.func for n in ast.walk(self.node) if isinstance(n, ast.Call)]
        return frozenset(n.id for function in called for n in ast.walk(function) if isinstance(n, ast.Name))

    @cached_property
    def sets(self) -> frozenset[str]:
        """The names of objects of which it sets a part, now or when it is called: `d.x = 1`, `setattr(d, "x", 1)`."""
        return frozenset(name for node in ast.walk(self.node) for name in _set_by(node))


def statements(cells: Sequence[Cell]) -> tuple[list[Statement], list[SyntaxError]]:
    """The top-level statements of all cells that are Python, in order; and why others cannot be run."""
    errors = [cell.error for cell in cells if cell.error]
    nodes = [(cell.where, node) for cell in cells if cell.tree for node in cell.tree.body]
    futures = [alias.name for _, node in nodes if _is_future(node) for alias in node.names]  # type: ignore[attr-defined]
    flags = 0
    for name in futures:
        flags |= getattr(__future__, name).compiler_flag if hasattr(__future__, name) else 0
    program = []
    for where, node in nodes:
        try:
            if not _is_future(node):
                program.append(_statement(where, node, flags))
        except SyntaxError as error:  # it parses, but is no program: `return` outside of a function
            errors.append(error)
    return program, errors


@dataclass(frozen=True)
class Place:
    """Where an entry point is: a top-level name, the attribute within it ("" for the name itself).

    `statement` is the number of the one statement that makes it; None if the last value of the name counts.
    """

    name: str
    attribute: str = ""
    statement: int | None = None


@dataclass(frozen=True)
class Selection:
    """Statements to be run, by number, in order; the `tentative` ones may change what the others make, or may not."""

    statements: Mapping[int, Statement]
    tentative: frozenset[int]


def needed(program: Sequence[Statement], places: Collection[Place], given: Collection[str] = ()) -> Selection:
    """The statements that make what is at `places`, with all that these read; and what may change any of that.

    A definition makes a function, and no `f = f(x)`, which is run tentatively. What calls an entry point trains or
    tries it: that may make what it assigns, and changes nothing.

    Args:
        given: names that the program finds without defining them, which it may change.
    """
    entries = {place.name for place in places}
    defined = {name for statement in program if statement.is_definition for name in statement.binds}
    reached = _reached(program)
    trains = [not entries.isdisjoint(_through(statement.calls, reached)) for statement in program]

    def makers(names: frozenset[str]) -> set[int]:
        return {
            number
            for number, s in enumerate(program)
            if not (s.binds if s.is_definition or s.is_import else s.binds - defined).isdisjoint(names)
            and (s.is_assignment or not trains[number])
        }

    def closed(chosen: set[int], names: frozenset[str] = frozenset()) -> set[int]:
        names = names.union(*(program[number].reads for number in chosen))
        while more := makers(names) - chosen:
            chosen |= more
            names = names.union(*(program[number].reads for number in more))
        return chosen

    certain = {number for number, statement in enumerate(program) if statement.binds_unknown_names}
    certain |= {place.statement for place in places if place.statement is not None}
    certain = closed(certain, frozenset(place.name for place in places if place.statement is None))
    changes = _Changes(program, [program[number] for number in sorted(certain)], {*entries, *given})
    tentative = {
        number
        for number, statement in enumerate(program)
        if number not in certain
        and (not trains[number] or (statement.is_assignment and not statement.binds.isdisjoint(given)))
        and changes.by(statement, _through(statement.runs, reached))
    }
    chosen = closed(certain | tentative)
    return Selection({number: program[number] for number in sorted(chosen)}, frozenset(chosen - certain))


class _Changes:
    """Which statements may change what some of them make.

    Args:
        makers: those that make it.
        others: names of what else may be changed.
    """

    def __init__(self, program: Sequence[Statement], makers: Iterable[Statement], others: set[str]) -> None:
        made = {name: statement for statement in makers for name in statement.binds}
        self._values = {n for n, s in made.items() if not (s.is_definition or s.is_import or s.makes_a_constant)}
        self._imported = {name for name, statement in made.items() if statement.is_import}
        self._all = others | made.keys()
        self._program = program

    @cached_property
    def _setters(self) -> frozenset[str]:
        """The functions and classes that set attributes of something."""
        return frozenset(name for s in self._program if s.is_definition and s.sets for name in s.binds)

    def by(self, statement: Statement, mentioned: frozenset[str]) -> bool:
        """Whether a statement that mentions some names, itself or through functions, may change any of it.

        A table or a tensor by whatever mentions it; a function or a class where attributes are set, where it decorates
        another one or is its base; a module or a number where that is seen.
        """
        if statement.is_import:
            return False
        if not mentioned.isdisjoint(self._values):
            return True
        changeable = self._all - self._imported
        if statement.is_definition:
            return not statement.runs.isdisjoint(changeable)
        sets = bool(statement.sets) or not self._setters.isdisjoint(mentioned)
        return not (statement.binds | statement.sets).isdisjoint(self._all) or (
            sets and not mentioned.isdisjoint(changeable)
        )


def _reached(program: Iterable[Statement]) -> Mapping[str, frozenset[str]]:
    """The names that each function and class reads, itself or through others."""
    reached: dict[str, frozenset[str]] = {}
    for statement in program:
        if statement.is_definition:
            for name in statement.binds:
                reached[name] = reached.get(name, frozenset()) | statement.reads
    for _ in range(len(reached)):
        wider = {name: _through(names, reached) for name, names in reached.items()}
        if wider == reached:
            break
        reached = wider
    return reached


def _through(names: frozenset[str], reached: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return names.union(*(reached[name] for name in names if name in reached))


def _fills_the_namespace(node: ast.AST) -> bool:
    """`globals()[name] = f`, `vars().update(...)`, `exec(text)`."""
    place = None
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "exec":
        return True
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        place = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        place = node.func.value
    return isinstance(place, ast.Call) and getattr(place.func, "id", "") in ("globals", "locals", "vars")


def _set_by(node: ast.AST) -> Iterator[str]:
    """The name at the left end of `d.a["b"] = 1`, where a node is such a target, or of `setattr(d, "x", 1)`."""
    part: ast.AST | None = None
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        part = node.value
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr" and node.args:
        part = node.args[0]
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    if isinstance(part, ast.Name):
        yield part.id


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _statement(where: str, node: ast.stmt, flags: int) -> Statement:
    code = compile(ast.Module([node], []), where, "exec", flags, dont_inherit=True)
    return Statement(code, frozenset(named(code, _STORING)), frozenset(_reads(code)), node)


def _operations(*names: str) -> dict[int, int]:
    """The numbers of operations, those that this Python has, and by how many bits the argument of each is shifted."""
    return {dis.opmap[name]: int(name == "LOAD_GLOBAL") for name in names if name in dis.opmap}


_STORING = _operations("STORE_NAME", "STORE_GLOBAL")
_GLOBAL = _operations("STORE_GLOBAL")
_LOADING = _operations("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


def named(code: CodeType, operations: Mapping[int, int]) -> Iterator[str]:
    """The names that some operations of a code refer to; ten times faster than `dis`, which tells far more."""
    extended, pairs = 0, iter(code.co_code)
    for operation, argument in zip(pairs, pairs, strict=True):
        argument |= extended
        extended = argument << 8 if operation == dis.EXTENDED_ARG else 0
        if operation in operations:
            yield code.co_names[argument >> operations[operation]]


def _reads(code: CodeType) -> Iterator[str]:
    """Names that the code, or any function or class in it, looks up outside itself; there, also `global` ones."""
    yield from named(code, _LOADING)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from named(constant, _GLOBAL)
            yield from _reads(constant)
