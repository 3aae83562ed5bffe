"""What is worth telling of a file besides what it computes: what Python refused, what stands where nothing runs it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.watch.reading.cells import Cell, last_name
from grader.watch.reading.entry_points import AskedFor
from grader.wire.facts import Fact, Value

_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_AT_A_LINE = re.compile(rf"^{_DEFINITION.pattern}", re.MULTILINE)
_MAGIC = re.compile(r"\s*%%(\w+)")
_NODES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def refused(cells: Sequence[Cell], entries: Mapping[str, AskedFor], made: Collection[str]) -> Iterator[Fact]:
    """The parts that Python refused; and which entry points were therefore taken from elsewhere in the file.

    Args:
        made: the names of the entry points that there are all the same.
    """
    here = ".".join(map(str, sys.version_info[:2]))
    spellings = {spelling for name in made if name in entries for spelling in entries[name].spellings}
    for cell in cells:
        if cell.error is None:
            continue
        place: dict[str, Value] = {"where": cell.where, "line": cell.error.lineno or 1}
        if cell.needs:
            yield Fact("refused-newer", {**place, "needs": cell.needs, "here": here})
        else:
            yield Fact("refused", {**place, "error": f"{type(cell.error).__name__}: {cell.error.msg}"})
        name = _defined_at(cell.source, cell.error.lineno or 1)
        if name in spellings:
            yield Fact("older-definition", {"name": name, **place})


def misplaced(cells: Sequence[Cell], entries: Mapping[str, AskedFor], made: Collection[str]) -> Iterator[Fact]:
    """AskedFor points that nothing made, and that stand within a function, a class or a cell that is not run."""
    for cell in cells if (missing := entries.keys() - made) else ():
        nested = list(_nested(cell.tree)) if cell.tree else []
        magic = _MAGIC.match(cell.source) if cell.is_code else None
        found = _AT_A_LINE if magic else _DEFINITION
        written = set(found.findall(cell.source)) if magic or not cell.is_code else set()
        for name in missing:
            entry = entries[name]
            for node, inside in nested:
                if _is_meant(node, entry):
                    place: dict[str, Value] = {"where": cell.where, "line": node.lineno}
                    yield Fact("stands-inside", {"name": node.name, "inside": inside, **place})
            for spelling in written.intersection(entry.spellings):
                told: dict[str, Value] = {"name": spelling, "where": cell.where}
                yield (
                    Fact("stands-under-a-magic", {**told, "magic": magic[1]}) if magic else Fact("stands-in-text", told)
                )


def never_called(cells: Sequence[Cell]) -> Iterator[Fact]:
    """Functions that train, and that nothing calls or passes on."""
    trees = [(cell, cell.tree) for cell in cells if cell.tree]
    read = [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for _, tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    ]
    for cell, tree in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name not in read and _trains(node):
                yield Fact("never-called", {"name": node.name, "where": cell.where, "line": node.lineno})


def _trains(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "backward" for part in ast.walk(node))


def asked_for(entries: Mapping[str, AskedFor]) -> dict[str, str]:
    """What a file must define: functions, and classes with some bases."""
    bases = dict.fromkeys(f"`{entry.base}`" for entry in entries.values() if entry.base)
    names = (f"`{name}`" for name, entry in entries.items() if not entry.base)
    return {"functions": ", ".join(names), "bases": ", ".join(bases)}


def _nested(
    tree: ast.AST, inside: str = ""
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, str]]:
    """The definitions within others, with the name of the outermost one around them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _NODES):
            if inside:
                yield node, inside
            yield from _nested(node, inside or node.name)
        else:
            yield from _nested(node, inside)


def _is_meant(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, entry: AskedFor) -> bool:
    if not entry.base:
        return node.name in entry.spellings
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return entry.base in {last_name(base) for base in bases}


def _defined_at(source: str, line: int) -> str:
    """The name of the unindented definition that a line belongs to."""
    beginnings = (
        text for text in reversed(source.split("\n")[:line]) if text[:1] not in ("", " ", "\t", "#", "@", ")")
    )
    found = _DEFINITION.match(next(beginnings, ""))
    return found[1] if found else ""
