"""Of all that stands at the top level of a file, what the entry points need.

Students' files train networks, draw plots and call things that are absent. Only definitions, imports and assignments
that an entry point reaches are run, in the order of the file; so a broken cell that nothing needs costs nothing.
"""

from __future__ import annotations
import __future__

import ast
import dis
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType

from grader.watch.cells import Cell
from grader.watch.effects import Effects, fills_the_namespace


@dataclass(frozen=True)
class Statement:
    """One top-level statement, compiled: the global names that it binds and reads."""

    code: CodeType
    binds: frozenset[str]
    reads: frozenset[str]
    node: ast.stmt

    @property
    def is_import(self) -> bool:
        """Whether it is an import, which may fail where it is not used."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def binds_unknown_names(self) -> bool:
        """Whether it binds names that cannot be known before it is run."""
        is_star_import = isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"
        return is_star_import or fills_the_namespace(self.node)

    def defines(self, name: str) -> bool:
        """Whether it is the definition of a function or class of this name."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and self.node.name == name

    def may_replace(self, name: str, *, tentatively: bool) -> bool:
        """Whether what it binds to the name of a function may be a function: `f = wrapped(f)`, not `f = f(x)`.

        Students call the number `loss` that a function `loss` gave, often within the loop that trains.

        Args:
            tentatively: it is run to see.
        """
        if isinstance(self.node, ast.For | ast.While | ast.With | ast.AugAssign):
            return False
        if not isinstance(self.node, ast.Assign | ast.AnnAssign) or tentatively:
            return True
        value = self.node.value
        if isinstance(value, ast.Call):
            called = getattr(value.func, "attr", getattr(value.func, "id", ""))
            wrapped = any(isinstance(argument, ast.Name) and argument.id == name for argument in value.args)
            return called != name and (wrapped or called[:1].isupper() or called == "partial")
        return isinstance(value, ast.Lambda | ast.Name | ast.Attribute | ast.IfExp)

    def replaces(self, name: str, *, is_defined: bool) -> bool:
        """Whether it makes earlier bindings of a name irrelevant; an import, which may fail, no definition."""
        if self.is_import:
            return not is_defined
        return self.defines(name)


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


def needed(
    program: Sequence[Statement], places: Collection[Place], given: Iterable[str] = (), *, last: bool
) -> Selection:
    """The statements that make what is at `places`, and those that these need in turn.

    Tentative are those that have to do with an object that is needed, which they may fill, with what they need: a table
    is filled in a loop; but another loop trains for hours, and counts its steps there.

    Args:
        given: names that the program finds without defining them, which it may change.
        last: of the statements that bind a name, leave out those before its last definition or import.
    """
    open_names: list[str] = []
    wanted: set[str] = set()
    effects = Effects([statement.node for statement in program], {place.name for place in places})
    chosen: set[int] = {number for number, statement in enumerate(program) if statement.binds_unknown_names}

    def want(names: Iterable[str]) -> None:
        fresh = set(names) - wanted
        wanted.update(fresh)
        open_names.extend(fresh)

    def close(*, tentatively: bool) -> None:
        while open_names:
            name = open_names.pop()
            binding = [number for number, statement in enumerate(program) if name in statement.binds]
            is_defined = any(program[number].defines(name) for number in binding)
            first = max((n for n in binding if last and program[n].replaces(name, is_defined=is_defined)), default=-1)
            made = [n for n in binding if not effects.trains(n)]
            binding = made or (binding if tentatively else [])
            if is_defined:
                binding = [n for n in binding if program[n].may_replace(name, tentatively=tentatively)]
            for number in {*binding, *(effects.touching(name) if tentatively else ())}:
                if number >= first and number not in chosen:
                    chosen.add(number)
                    want(program[number].reads | program[number].binds)

    for number in chosen:
        want(program[number].reads)
    for place in places:
        if place.statement is None:
            want([place.name])
        else:
            chosen.add(place.statement)
            want(program[place.statement].reads)
    close(tentatively=False)
    certain = frozenset(chosen)
    wanted.update(given, (place.name for place in places))
    open_names.extend(wanted)
    close(tentatively=True)
    return Selection({number: program[number] for number in sorted(chosen)}, frozenset(chosen) - certain)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _statement(where: str, node: ast.stmt, flags: int) -> Statement:
    code = compile(ast.Module([node], []), where, "exec", flags, dont_inherit=True)
    return Statement(code, frozenset(named(code, _STORING)), frozenset(_reads(code)), node)


def _operations(*names: str) -> dict[int, int]:
    """The numbers of operations, those that this Python has, and by how many bits the argument of each is shifted."""
    return {dis.opmap[name]: int(name == "LOAD_GLOBAL") for name in names if name in dis.opmap}


_STORING = _operations("STORE_NAME", "STORE_GLOBAL")
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
    """Names that the code, or any function or class in it, looks up outside itself."""
    yield from named(code, _LOADING)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _reads(constant)
