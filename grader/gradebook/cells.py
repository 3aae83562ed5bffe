"""Cells of tables: read and written so that no spreadsheet takes what a student wrote for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.errors import ToldError, not_opened
from grader.wire.facts import Fact

_UNSEEN = "[\\s\x00-\x20\x7f-\xa0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(f"{_UNSEEN}{_SIGN}|[\t\r\n]")
_NEXT = re.compile(f"(?<=[,;\t\r\n])(?={_UNSEEN}{_SIGN})")
"""Where another cell begins for a program that expects other signs between cells, and that cell is a formula."""
_LARGEST = 64 * 2**20


def defused(text: str) -> str:
    """Text that a spreadsheet shows as it is: what would begin a formula gets an apostrophe in front.

    So does what stands behind a comma, a semicolon or a tab in it.
    """
    clean = _NEXT.sub("'", text.replace("\0", ""))
    return f"'{clean}" if _FORMULA.match(clean) else clean


def number(value: float | None) -> str:
    """2, 1.5 or 0.67; nothing where there is no score."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def lines(table: Iterable[Sequence[str]], delimiter: str = ",") -> Iterator[str]:
    """The lines of a CSV file. Cells are written as they are."""
    for row in table:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter).writerow(row)
        yield buffer.getvalue()


def read_table(path: Path) -> tuple[list[list[str]], str]:
    """The rows of a CSV file in UTF-8, with or without a mark in front, and its delimiter, comma or semicolon.

    Raises:
        GraderError: it cannot be read, or is something else.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ToldError(Fact("too-large", {"file": str(path), "megabytes": _LARGEST >> 20}))
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeDecodeError as error:
        raise ToldError(Fact("table: no-utf-8", {"file": str(path)})) from error
    if "\0" in text:
        raise ToldError(Fact("table: no-csv", {"file": str(path)}))
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        table = list(reader)
    except csv.Error as error:
        raise ToldError(Fact("table: quotes", {"place": f"{path}:{reader.line_num}"})) from error
    if not table or not any(table[0]):
        raise ToldError(Fact("table: empty", {"file": str(path)}))
    return table, delimiter
