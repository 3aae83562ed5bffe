"""From the bytes of a file to the syntax trees of its cells."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.watch.reading import magics, older
from grader.watch.reading.newer import version_for
from grader.wire.facts import Fact

_BEGINS_A_BLOCK = re.compile(r"(?!else\b|elif\b|except\b|finally\b|case\b)[^\s)\]}#]")
"""A line that begins a statement: not indented, no closing bracket, no further branch of the one before."""
_TOGETHER = 40


class UnreadableError(Exception):
    """The file is not what its name says, or holds nothing that can be run."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact)
        self.fact = fact


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook, a whole Python file, or a part of one. `where` names it to the student.

    `tree` is None and `error` set where the cell is not Python; `needs` is the version of Python that could read it, if
    that is known. A cell of words has a tree in which nothing is. `writes` are files that it writes, by name.
    """

    where: str
    source: str
    tree: ast.Module | None
    error: SyntaxError | None = None
    needs: str = ""
    is_code: bool = True
    writes: Mapping[str, str] = field(default_factory=dict)


def read_cells(name: str, data: bytes, *, notebook: bool) -> list[Cell]:
    """The code of a file, in order.

    Raises:
        UnreadableError: the notebook is not JSON, or not a notebook.
    """
    text = decode(data)
    if not notebook:
        whole = _cell(name, text)
        return [whole] if whole.tree else _continued(_blocks(whole))
    sources, document = notebook_sources(text), json.loads(text)
    code = {number: _cell(f"{name}, cell {number}", source) for number, source in sources}
    words = {
        number: Cell(f"{name}, cell {number}", source, ast.Module([], []), is_code=False)
        for number, source in _sources(_cells_of(document), "markdown")
    }
    return [cell for _, cell in sorted({**words, **code}.items())]


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
        raise UnreadableError(Fact("is-nested-too-deeply")) from None
    except ValueError as error:
        raise UnreadableError(Fact("is-not-json", {"error": str(error)})) from None
    cells = _cells_of(document)
    if not isinstance(cells, list):
        raise UnreadableError(Fact("has-no-list-of-cells"))
    sources = list(_sources(cells, "code"))
    if not any(source.strip() for _, source in sources):
        raise UnreadableError(Fact("has-no-code-cells"))
    return sources


def _cells_of(document: Any) -> Any:
    """The cells in format 4, or those of the first worksheet in format 3."""
    if not isinstance(document, dict):
        return None
    worksheets = document.get("worksheets")
    if isinstance(worksheets, list) and worksheets and isinstance(worksheets[0], dict):
        return worksheets[0].get("cells")
    return document.get("cells")


def _sources(cells: Sequence[Any], kind: str) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == kind:
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str):
                yield number, source.replace("\r\n", "\n").replace("\r", "\n")


def _cell(where: str, source: str) -> Cell:
    """Parse a cell, as Python or by IPython's rules."""
    writes: dict[str, str] = {}
    try:
        return Cell(where, source, _tree(where, source, writes), writes=writes)
    except SyntaxError as error:
        needs = version_for(source)
        if needs:
            here = ".".join(map(str, sys.version_info[:2]))
            error.add_note(f"Python {needs} can read this; here runs Python {here}, which cannot.")
        return Cell(where, source, None, error, needs)


def _tree(where: str, source: str, writes: dict[str, str]) -> ast.Module:
    """The tree of a cell as it is run.

    Raises:
        SyntaxError: it is not Python, and would not be in a notebook.
    """
    try:
        tree = _parse(source, where)
    except SyntaxError as error:
        python = older.printing(source) if "print" in str(error) else _as_python(source, where, error)
        if python.rstrip() == source.rstrip():
            raise error from None
        return _tree(where, python, writes)
    if "get_ipython" in source:
        tree = magics.interpreted(tree, lambda text, line: _tree(where, "\n" * (line - 1) + text, writes), writes)
    return tree


def _as_python(source: str, where: str, error: SyntaxError) -> str:
    """A cell that Python refuses, by IPython's rules.

    Raises:
        SyntaxError: these refuse it, too: where they name no line, Python's own error says more.
    """
    try:
        return magics.as_python(source)
    except SyntaxError as other:
        other.filename = where
        raise (other if other.lineno else error) from None


def _continued(cells: Iterable[Cell]) -> list[Cell]:
    """The parts of a file, where a block that goes on after an unindented line is refused like that line."""
    kept: list[Cell] = []
    for cell in cells:
        before = kept[-1].tree if kept else None
        if isinstance(cell.error, IndentationError) and before and hasattr(before.body[-1], "body"):
            kept[-1] = replace(kept[-1], tree=None, error=cell.error)
        kept.append(cell)
    return kept


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
        yield replace(cell, source=whole.source)


def _parse(source: str, where: str) -> ast.Module:
    try:
        return ast.parse(source, where)
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError(f"the code cannot be parsed: {error or 'it is nested too deeply'}") from None


def last_name(node: ast.AST) -> str:
    """`MSELoss` of `torch.nn.MSELoss` and of `MSELoss`; nothing of what is no name."""
    return str(getattr(node, "attr", getattr(node, "id", "")))
