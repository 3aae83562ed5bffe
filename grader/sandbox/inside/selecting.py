"""Of all that stands at the top level of a file, what the entry points need.

Students' files train networks, draw plots and call things that are absent. Only definitions, imports and assignments
that an entry point reaches are run, in the order of the file; so a broken cell that nothing needs costs nothing.
"""

from __future__ import annotations
import __future__

import ast
import dis
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType

from grader.sandbox.inside.reading import Cell


@dataclass(frozen=True)
class Statement:
    """One top-level statement, compiled: the names that it binds, and the global names that it reads."""

    code: CodeType
    binds: frozenset[str]
    reads: frozenset[str]
    node: ast.stmt

    @property
    def is_import(self) -> bool:
        """Whether it is an import, which may fail where it is not used."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_star_import(self) -> bool:
        """Whether it binds names that cannot be known before it is run."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def is_call(self) -> bool:
        """Whether it only calls something."""
        return isinstance(self.node, ast.Expr)

    @property
    def starts_anew(self) -> bool:
        """Whether it makes earlier bindings of its names irrelevant."""
        return self.is_import or isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


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


def find_entry(program: Sequence[Statement], spellings: Sequence[str]) -> tuple[str, str] | None:
    """The top-level name that holds an entry point, and the attribute within it (empty for the name itself).

    The first spelling that is defined counts: at the top level, or else as a method of a class.
    """
    bound = {name for statement in program for name in statement.binds}
    for spelling in spellings:
        if spelling in bound:
            return spelling, ""
    for spelling in spellings:
        for statement in reversed(program):
            if isinstance(statement.node, ast.ClassDef):
                methods = {n.name for n in statement.node.body if isinstance(n, ast.FunctionDef)}
                if spelling in methods:
                    return statement.node.name, spelling
    return None


def needed(program: Sequence[Statement], names: Sequence[str], *, last: bool) -> list[Statement]:
    """The statements that give `names` their final values, and those that these need in turn, in the order of the file.

    Args:
        last: of the statements that bind a name, leave out those before its last definition or import.
    """
    wanted, open_names = set(names), list(names)
    chosen: set[int] = {number for number, statement in enumerate(program) if statement.is_star_import}
    while open_names:
        name = open_names.pop()
        binding = [number for number, statement in enumerate(program) if name in statement.binds]
        if any(program[number].is_import for number in binding):
            binding = [number for number in binding if not program[number].is_call]  # torch.manual_seed(0), plt.show()
        first = max((n for n in binding if program[n].starts_anew and last), default=-1)
        for number in binding:
            if number >= first and number not in chosen:
                chosen.add(number)
                for other in program[number].reads | program[number].binds:
                    if other not in wanted:
                        wanted.add(other)
                        open_names.append(other)
    return [program[number] for number in sorted(chosen)]


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _statement(where: str, node: ast.stmt, flags: int) -> Statement:
    code = compile(ast.Module([node], []), where, "exec", flags, dont_inherit=True)
    binds = {str(i.argval) for i in dis.get_instructions(code) if i.opname in ("STORE_NAME", "STORE_GLOBAL")}
    return Statement(code, frozenset(binds | set(_mutated(node))), frozenset(_reads(code)), node)


def _reads(code: CodeType) -> Iterator[str]:
    """Names that the code, or any function or class in it, looks up outside itself."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"):
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _reads(constant)


def _mutated(node: ast.stmt) -> Iterator[str]:
    """Names of objects that a statement may change: `d` in `d["x"] = 1`, `net.f = g` (net) or `d.update(x=1)`."""
    targets: list[ast.AST | None] = (
        list(node.targets) if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    )
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [node.value.func]
    for target in targets:
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
            if isinstance(target, ast.Name):
                yield target.id
