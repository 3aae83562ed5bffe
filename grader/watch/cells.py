"""From the bytes of a file to the syntax trees of its cells."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAGICS = (
    (re.compile(r"^([ \t]*)%time[ \t]+(\S.*)$"), r"\1\2"),
    (re.compile(r"^([ \t]*)[%!?].*$"), r"\1pass"),
    (re.compile(r"^([ \t]*\w+[ \t]*=)[ \t]*[%!].*$"), r"\1 None"),
    (re.compile(r"^([ \t]*)[\w.]+\?\??[ \t]*$"), r"\1pass"),
)
"""Lines that only a notebook understands, and what stands for them in Python."""


_BEGINS_A_BLOCK = re.compile(r"(?!else\b|elif\b|except\b|finally\b|case\b)[^\s)\]}#]")
"""A line that begins a statement: not indented, no closing bracket, no further branch of the one before."""
_TOGETHER = 40


class UnreadableError(Exception):
    """The file is not what its name says."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook, or a whole Python file. `where` names it to the student.

    `tree` is None and `error` set where the cell is not Python.
    """

    where: str
    source: str
    tree: ast.Module | None
    error: SyntaxError | None = None


def read_cells(name: str, data: bytes, *, notebook: bool) -> list[Cell]:
    """The code of a file, in order.

    Raises:
        UnreadableError: the notebook is not JSON, or not a notebook.
    """
    text = decode(data)
    if not notebook:
        whole = _cell(name, text)
        return [whole] if whole.tree else list(_blocks(whole))
    return [_cell(f"{name}, cell {number}", source) for number, source in notebook_sources(text)]


def decode(data: bytes) -> str:
    """UTF-8, or else Latin-1, which every byte fits: a declared encoding is not obeyed, some of them are attacks."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def notebook_sources(text: str) -> list[tuple[int, str]]:
    """Number (from 1, all cells counted) and source of each code cell."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise UnreadableError("the notebook is nested too deeply") from None
    except ValueError as error:
        raise UnreadableError(f"is not a notebook: it is not JSON ({error})") from None
    cells = _cells_of(document)
    if not isinstance(cells, list):
        raise UnreadableError("is not a notebook: it has no list of cells")
    sources = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str):
                sources.append((number, source.replace("\r\n", "\n").replace("\r", "\n")))
    if not any(source.strip() for _, source in sources):
        raise UnreadableError("is a notebook without code")
    return sources


def _cells_of(document: Any) -> Any:
    """The cells in format 4, or those of the first worksheet in format 3."""
    if not isinstance(document, dict):
        return None
    worksheets = document.get("worksheets")
    if isinstance(worksheets, list) and worksheets and isinstance(worksheets[0], dict):
        return worksheets[0].get("cells")
    return document.get("cells")


def _cell(where: str, source: str) -> Cell:
    """Parse a cell; where that fails at a line that only a notebook understands, without this line."""
    lines = source.split("\n")
    first_error = None
    while True:
        try:
            return Cell(where, source, _parse("\n".join(lines), where))
        except SyntaxError as error:
            first_error = first_error or error
            number = (error.lineno or 0) - 1
            plain = _without_magic(lines[number]) if 0 <= number < len(lines) else None
            if plain is None:
                return Cell(where, source, None, first_error)
            lines[number] = plain


def _blocks(whole: Cell) -> Iterator[Cell]:
    """The parts of a file that is not Python as a whole, each from one unindented line to the next.

    Where a part cannot be parsed, it is tried together with the next ones: a string or a bracket may go on. Their line
    numbers stay those of the file.
    """
    lines = whole.source.split("\n")
    starts = [number for number, line in enumerate(lines) if _BEGINS_A_BLOCK.match(line)]
    first = 0
    while first < len(starts):
        ends = [*starts[first + 1 : first + _TOGETHER], len(lines)]
        cells = (
            _cell(whole.where, "\n" * starts[first] + "\n".join(lines[starts[first] : end]))
            for end in dict.fromkeys(ends)
        )
        tried = [next(cells)]
        while tried[-1].tree is None and (another := next(cells, None)):
            tried.append(another)
        cell, taken = (tried[-1], len(tried)) if tried[-1].tree else (tried[0], 1)
        first += taken
        yield Cell(whole.where, whole.source, cell.tree, cell.error)


def _without_magic(line: str) -> str | None:
    """What stands for `%time`, `!ls`, `help?` or `files = !ls`; None for a line that is none of these."""
    for pattern, replacement in _MAGICS:
        if pattern.match(line):
            return pattern.sub(replacement, line)
    return None


def _parse(source: str, where: str) -> ast.Module:
    try:
        return ast.parse(source, where)
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError(f"the code cannot be parsed: {error or 'it is nested too deeply'}") from None
