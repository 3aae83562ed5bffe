"""How late each student was, from the tables that systems export.

Moodle       the grading worksheet: Identifier, "Last modified (submission)"
Gradescope   the grades: "Lateness (H:M:S)"; or submission_metadata.yml, with the time of each submission
others       a table with `student` or `id`, and `late` (hours, or H:MM) or `submitted` (a time in ISO 8601)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from grader.errors import ToldError, not_opened
from grader.gradebook.cells import read_table
from grader.intake.naming import folded
from grader.intake.systems import gradescope
from grader.wire.facts import Fact, Value

_MOODLE, _GRADESCOPE = "Last modified (submission)", "Lateness (H:M:S)"
_MOODLE_FORM = "%A, %d %B %Y, %I:%M %p"
_IDENTITIES = ("id", "student", "sid", "email", "name", "identifier", "full name", "login", "sis_id", "idnumber")
_CREATED = re.compile(r"  :created_at: (.{10,40})")
_FOLDER = re.compile(r"(submission_\d+):\s*")


class Told(NamedTuple):
    """What a line of a table tells: everything that names the student, folded; hours after the deadline, 0 in time."""

    place: str
    names: tuple[str, ...]
    hours: float


def read_times(path: Path, due: datetime | None) -> list[Told]:
    """Who handed in how late, in the order of the table.

    Args:
        due: the deadline, in the time of the table; times in a zone of their own are compared in that.

    Raises:
        GraderError: the table tells no times, or a time cannot be read, says where; or a deadline is needed.
    """
    if path.suffix.lower() in (".yml", ".yaml"):
        return list(_of_metadata(path, due))
    table, _ = read_table(path)
    head = [cell.strip() for cell in table[0]]
    folded_head = [cell.lower() for cell in head]
    who = [n for n, cell in enumerate(folded_head) if cell in _IDENTITIES]
    if not who:
        raise _wrong(f"{path}:1", "whose", known=_IDENTITIES)
    found = []
    for line, cells in enumerate(table[1:], start=2):
        known = dict(zip(folded_head, [cell.strip() for cell in cells], strict=False))
        late = _of_row(known, head, f"{path}:{line}", due)
        if late is not None:
            names = [known.get(folded_head[n], "") for n in who]
            found.append(Told(f"{path}:{line}", tuple(folded(name) for name in _all(names) if name), late))
    return found


def end_of(text: str) -> datetime:
    """The last moment of the day, or of the minute, that a deadline names: `2026-11-20`, `2026-11-20T23:59`.

    Raises:
        ValueError: it is no time in ISO 8601.
    """
    time = datetime.fromisoformat(text)
    if re.fullmatch(r"[\d-]+|\d{4}-W\d\d-\d", text):
        return time + timedelta(days=1, microseconds=-1)
    clock = re.split("[+-]|Z", re.split("[T ]", text, maxsplit=1)[-1])[0]
    return time + timedelta(minutes=1, microseconds=-1) if clock.count(":") == 1 else time


def _wrong(place: str, kind: str, **values: Value) -> ToldError:
    return ToldError(Fact(f"times: {kind}", {"place": place, **values}))


def _all(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield name
        if name.startswith("Participant "):
            yield name.removeprefix("Participant ")


def _of_row(known: Mapping[str, str], head: Sequence[str], place: str, due: datetime | None) -> float | None:
    if told := known.get("late") or known.get(_GRADESCOPE.lower()):
        return _hours(told, place)
    for column in ("submitted", _MOODLE.lower()):
        told = known.get(column, "")
        if told and told != "-":
            return _after(_time(told, place), due, place)
    if not {"late", "submitted", _MOODLE.lower(), _GRADESCOPE.lower()} & {cell.lower() for cell in head}:
        raise _wrong(place, "when", known=("late", "submitted", _MOODLE, _GRADESCOPE))
    return None


def _hours(text: str, place: str) -> float:
    """`26.5`, `26:30` or `26:30:00`; days as well: `1 d 2:30`."""
    found = re.fullmatch(r"(?:(\d{1,4}) ?d(?:ays?)?,? ?)?(?:(\d{1,5})(?::(\d\d)(?::(\d\d))?|[.,](\d+))?)?", text)
    if not found or not found[0]:
        raise _wrong(place, "hours", text=text)
    days, hours, minutes, seconds, fraction = found.groups()
    return (
        24 * int(days or 0) + int(hours or 0) + int(minutes or 0) / 60 + int(seconds or 0) / 3600
        + (float(f"0.{fraction}") if fraction else 0.0)
    )  # fmt: skip


def _time(text: str, place: str) -> datetime:
    for read in (datetime.fromisoformat, lambda told: datetime.strptime(told, _MOODLE_FORM)):
        try:
            return read(re.sub(r" ?(UTC|GMT)$", "+00:00", text))
        except ValueError:
            continue
    raise _wrong(place, "time", text=text)


def _after(time: datetime, due: datetime | None, place: str) -> float:
    if due is None:
        raise _wrong(place, "due")
    if (time.tzinfo is None) != (due.tzinfo is None):
        due = due.astimezone() if due.tzinfo is None else due.astimezone().replace(tzinfo=None)
    return max(0.0, (time - due).total_seconds() / 3600)


def _of_metadata(path: Path, due: datetime | None) -> Iterator[Told]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise not_opened(path, error) from error
    except UnicodeDecodeError as error:
        raise ToldError(Fact("table: no-utf-8", {"file": str(path)})) from error
    submitters = gradescope.parse_submitters(text)
    folder = ""
    for line, told in enumerate(text.splitlines(), start=1):
        if found := _FOLDER.fullmatch(told):
            folder = found[1]
        elif (found := _CREATED.match(told)) and folder in submitters:
            place = f"{path}:{line}"
            stamp = re.sub(r"(\.\d{6})\d*", r"\1", found[1].strip().strip("'\"")).replace(" Z", "+00:00")
            hours = _after(_time(stamp, place), due, place)
            for student in submitters[folder]:
                yield Told(place, tuple(folded(name) for name in (student.id, student.name) if name), hours)
