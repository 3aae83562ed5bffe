"""Where the entry points of a submission are: found by their names, or by the class that they derive from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch

from grader.watch.reading.cells import last_name
from grader.watch.reading.own_modules import OWN
from grader.watch.reading.select import Place, Statement


@dataclass(frozen=True)
class AskedFor:
    """An entry point: its accepted spellings, and the end of the name of its base class, if that makes it one."""

    spellings: Sequence[str]
    base: str = ""


def find_entry(
    program: Sequence[Statement], spellings: Sequence[str], base: str = "", others: Iterable[str] = ()
) -> Place | None:
    """Where an entry point is: the first spelling that is defined counts; one that only a missing module has, the last.

    At the top level, or else as a method of a class. With `base`, only classes that have it count.

    Args:
        others: the names of the entry points that were found before.
    """
    if base:
        return _derived_entry(program, spellings, base, list(others))
    if spellings[0][:1].isupper() and (place := _function_entry(program, spellings)):
        return place
    bound = {name for statement in program for name in statement.binds}
    made = {name for statement in program if not missing_module(statement.node) for name in statement.binds}
    for spelling in (*(s for s in spellings if s in made), *spellings):
        if spelling in bound:
            return Place(spelling)
    for spelling in spellings:
        for statement in reversed(program):
            if isinstance(statement.node, ast.ClassDef) and spelling in _methods(statement.node):
                return Place(statement.node.name, spelling)
    return None


def _function_entry(program: Sequence[Statement], spellings: Sequence[str]) -> Place | None:
    """The class that is meant by the name of one, where `Function`s stand below modules, aliases and imports of it.

    A class of that name with a backward of its own; or a `Function` of that name, the only one that what has the name
    makes use of, or one whose name contains it.
    """
    functions = _derived(program, "Function")
    own = {s.node.name for s in program if isinstance(s.node, ast.ClassDef) and "backward" in _methods(s.node)}
    if not functions or not own.isdisjoint(set(spellings) - functions.keys()):
        return None
    bound = {name for statement in program for name in statement.binds}
    makers = [s for s in program if next((name for name in spellings if name in bound), None) in s.binds]
    used = [name for name in functions if any(name in statement.reads for statement in makers)]
    name = _by_name(functions, spellings) or (used[0] if len(used) == 1 else _alike(functions, spellings))
    return functions[name] if name else None


def _methods(node: ast.ClassDef) -> set[str]:
    return {part.name for part in node.body if isinstance(part, ast.FunctionDef)}


def missing_module(node: ast.AST) -> str | None:
    """The module that a statement imports, where it is neither installed nor handed in."""
    if isinstance(node, ast.ImportFrom):
        modules = [] if node.level or not node.module else [node.module]
    else:
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    roots = (module.partition(".")[0] for module in modules)
    return next((r for r in roots if r not in OWN and r not in sys.modules and find_spec(r) is None), None)


def _derived_entry(
    program: Sequence[Statement], spellings: Sequence[str], base: str, others: Sequence[str]
) -> Place | None:
    """The class with `base` that has one of the spellings.

    Where none has: one that took the name of another entry point, the first that makes use of another one, the last.
    """
    found = _derived(program, base)
    using = [name for name in found if not _reached(program, found[name]).isdisjoint(others)]
    name = (
        _by_name(found, spellings)
        or next((name for name in others if name in found), None)
        or _alike(using, spellings)
        or next(iter(using), None)
        or _alike(found, spellings)
        or next(reversed(found), None)
    )
    return found[name] if name else None


def rivals(program: Sequence[Statement], entry: AskedFor, chosen: Place | None, taken: Iterable[Place]) -> list[Place]:
    """The other classes that may be an entry point, by their base and by their names; the last one first.

    Where a class is asked for by its name, names that contain it; where none is found by it, any.
    """
    if not (entry.base or entry.spellings[0][:1].isupper()):
        return []
    found = _derived(program, entry.base or "Function")
    parts = [spelling.casefold() for spelling in entry.spellings]
    is_open = bool(entry.base) or chosen is None
    names = [name for name in found if is_open or any(part in name.casefold() for part in parts)]
    others = {place.name for place in taken}
    return [found[name] for name in reversed(names) if name not in others]


def derived_value(names: Mapping[str, Any], spellings: Sequence[str], base: str) -> type | None:
    """A class with `base` that the submission made in another way than by a class statement at its top level.

    By calling `type` or a function of its own, or within another class.
    """
    made = {name: value for name, value in names.items() if _is_own_class(value)}
    inner = {n: v for value in made.values() for n, v in vars(value).items() if _is_own_class(v)}
    found = {n: v for n, v in {**inner, **made}.items() if base in {parent.__name__ for parent in v.__mro__[1:]}}
    name = _by_name(found, spellings) or _alike(found, spellings) or next(reversed(found), None)
    return found[name] if name else None


def _is_own_class(value: Any) -> bool:
    return isinstance(value, type) and value.__module__ in OWN


def _by_name(found: Iterable[str], spellings: Sequence[str]) -> str | None:
    """The name among some that is a spelling, the first one; or that is one but for capital letters."""
    folded = {name.casefold(): name for name in found}
    return next(
        (name for name in spellings if name in found),
        next((folded[name.casefold()] for name in spellings if name.casefold() in folded), None),
    )


def _alike(found: Iterable[str], spellings: Sequence[str]) -> str | None:
    """The shortest of the names that contain a spelling: `HisReLULayer`, and not `HisLeakyReLULayer`."""
    parts = [spelling.casefold() for spelling in spellings]
    alike = [name for name in found if any(part in name.casefold() for part in parts)]
    return min(alike, key=len, default=None)


def _reached(program: Sequence[Statement], place: Place) -> set[str]:
    """The names that a class reads, itself or through functions and variables, but not through other classes."""
    reached: set[str] = set()
    fresh = set(program[place.statement].reads) if place.statement is not None else set()
    while fresh:
        reached |= fresh
        makers = (s for s in program if not isinstance(s.node, ast.ClassDef) and not s.binds.isdisjoint(fresh))
        fresh = {name for statement in makers for name in statement.reads} - reached
    return reached


def _derived(program: Sequence[Statement], base: str) -> dict[str, Place]:
    """The classes with `base`, from whatever module, among their base classes, by name; the last of each name."""
    own = {statement.node.name for statement in program if isinstance(statement.node, ast.ClassDef)}
    names, found = {base} | (_derived_in_torch(base) - own), dict[str, Place]()
    for number, statement in enumerate(program):
        for node in _within(statement.node):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names |= {alias.asname for alias in node.names if alias.asname and alias.name.split(".")[-1] == base}
            elif isinstance(node, ast.Assign) and last_name(node.value) in names:
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.ClassDef) and {*map(last_name, node.bases)} & (names | found.keys()):
                found.pop(node.name, None)
                found[node.name] = Place(node.name, "", number)
    return found


def _derived_in_torch(base: str) -> set[str]:
    """The names of the layers of PyTorch that derive from a class: `class MyReLU(nn.ReLU)` makes a module."""
    layers = {name: value for name, value in vars(torch.nn).items() if isinstance(value, type)}
    return {name for name, layer in layers.items() if base in {parent.__name__ for parent in layer.__mro__}}


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and all in its blocks, but for what a function or a class holds."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        for child in ast.iter_child_nodes(node):
            yield from _within(child)
