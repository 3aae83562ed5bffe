"""One decision, and the line of JSON that it is kept as.

    {"when": "2026-11-28T21:07:30Z", "who": "anna", "what": "points", "student": "roe_13", "check": "hidden-delta",
     "points": 1.5, "out_of": 2.0, "why": "right but for the sign", "id": "6f0c2a9be1d4"}

A line is never changed. A later one replaces it by naming its `id`, and so does one that takes it back.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from grader.wire.facts import Fact, Value


class What(StrEnum):
    """What is decided. `LATE_RULE` and `WORTH` are about the whole class, all others about one report."""

    POINTS = "points"
    """Points of one check."""
    TOTAL = "total"
    """Points of the whole submission."""
    COMMENT = "comment"
    """Text for the student."""
    EXCUSE = "excuse"
    """The assignment does not count for the student."""
    NAME = "name"
    """Who handed it in: the full name."""
    MAIN = "main"
    """Of the student's files, the one that is the submission."""
    LATE = "late"
    """When it was handed in: hours after the deadline."""
    LATE_RULE = "late-rule"
    """Percent of the points taken off for each day begun, at most `cap`, after `grace` hours."""
    WORTH = "worth"
    """What a check is worth."""
    UNDO = "undo"
    """The decisions named in `replaces` are taken back."""
    RELEASE = "release"
    """What the student was shown: points, and a digest of the page."""


_NEEDED: Mapping[What, frozenset[str]] = {
    What.POINTS: frozenset({"student", "check", "points", "out_of"}),
    What.TOTAL: frozenset({"student", "points", "out_of"}),
    What.COMMENT: frozenset({"student", "text"}),
    What.EXCUSE: frozenset({"student"}),
    What.NAME: frozenset({"student", "text"}),
    What.MAIN: frozenset({"student", "text"}),
    What.LATE: frozenset({"student", "hours"}),
    What.LATE_RULE: frozenset({"percent", "cap", "grace"}),
    What.WORTH: frozenset({"check", "points"}),
    What.UNDO: frozenset({"replaces"}),
    What.RELEASE: frozenset({"student", "text"}),
}
_ALSO: Mapping[What, frozenset[str]] = {
    What.POINTS: frozenset({"above", "file"}),
    What.TOTAL: frozenset({"above", "file"}),
    What.RELEASE: frozenset({"points", "out_of", "file"}),
}
_ALWAYS = frozenset({"when", "who", "what", "why", "replaces", "id"})
SHARED = (What.COMMENT, What.UNDO, What.RELEASE)
"""Of these there may be several at once: none replaces another by being about the same thing."""


class NotADecision(Exception):
    """A line that cannot be one: `why`, and what to write."""

    def __init__(self, kind: str, **values: Value) -> None:
        super().__init__(kind)
        self.why = Fact(f"line: {kind}", values)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided.

    Attributes:
        when: UTC, as `2026-11-28T21:07:30Z`; nothing depends on it but what people are shown.
        student: the name of the report, without its ending.
        out_of: what the check, or the whole, was worth then.
        above: more points than there are to have were meant.
        file: SHA-256 of the file that the points are for; empty where it could not be read.
        text: the comment, the name, the file; of a release, digest of the page.
        replaces: ids of the decisions that this one was made in place of.
    """

    when: str
    who: str
    what: What
    student: str = ""
    check: str = ""
    points: float | None = None
    out_of: float | None = None
    above: bool = False
    file: str = ""
    text: str = ""
    hours: float | None = None
    percent: float | None = None
    cap: float | None = None
    grace: float | None = None
    why: str = ""
    replaces: tuple[str, ...] = ()
    id: str = ""

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about: of two decisions on one subject, one is to replace the other."""
        return (self.what, self.id) if self.what in SHARED else (self.what, self.student, self.check)

    @property
    def value(self) -> tuple[object, ...]:
        """What it says: two decisions on one subject that say the same do not contradict each other."""
        return (self.points, self.text, self.hours, self.percent, self.cap, self.grace)


def now() -> str:
    """The time, as decisions tell it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    """An id that no other decision has."""
    return secrets.token_hex(6)


def as_line(decision: Decision) -> str:
    """The decision as a line of JSON, without what is not said."""
    told = {field.name: getattr(decision, field.name) for field in fields(decision)}
    said = {
        name: value
        for name, value in told.items()
        if value is not None and value is not False and value not in ("", ())
    }
    return json.dumps(said, ensure_ascii=False) + "\n"


def from_line(line: str) -> Decision:
    """The decision that a line tells.

    Raises:
        NotADecision: it tells none.
    """
    try:
        data = json.loads(line, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotADecision("no-json", at=error.pos + 1) from None
    except (ValueError, RecursionError):  # a number of too many digits, or brackets that are nested too deep
        raise NotADecision("too-much") from None
    if not isinstance(data, dict):
        raise NotADecision("no-object")
    if "what" not in data:
        raise NotADecision("missing", name="what")
    try:
        what = What(str(data.get("what")))
    except ValueError:
        known = tuple(each.value for each in What)
        raise NotADecision("what", value=_shown(data.get("what")), known=known) from None
    needed = _NEEDED[what] | {"when", "who", "id"}
    known_fields = needed | _ALSO.get(what, frozenset()) | _ALWAYS
    for name in sorted(set(data) - known_fields):
        raise NotADecision("unknown", name=name, what=what.value)
    for name in sorted(needed - set(data)):
        raise NotADecision("missing", name=name)
    _see_that_it_makes_sense(data)
    numbers = {name: float(data[name]) for name in _NUMBERS if name in data}
    return Decision(**{**data, **numbers, "what": what, "replaces": tuple(data.get("replaces", ()))})


_NUMBERS = ("points", "out_of", "hours", "percent", "cap", "grace")
_TEXTS = ("when", "who", "student", "check", "file", "text", "why", "id")
_LEAST_ID = 4
_LONGEST_SHOWN = 60


def _no_number(name: str) -> float:
    raise NotADecision("no-number", text=name)


def _shown(value: object) -> str:
    """As it stands in the line, the beginning of it."""
    return json.dumps(value, ensure_ascii=False)[:_LONGEST_SHOWN]


def _see_that_it_makes_sense(data: Mapping[str, Any]) -> None:
    for name in _NUMBERS:
        value = data.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise NotADecision("no-amount", name=name, value=_shown(value))
    for name in ("percent", "cap"):
        if not isinstance(data.get(name, 0), bool) and data.get(name, 0) > 100:
            raise NotADecision("percent", name=name, value=_shown(data[name]))
    for name in _TEXTS:
        if not isinstance(data.get(name, ""), str):
            raise NotADecision("no-text", name=name, value=_shown(data[name]))
    if not isinstance(data.get("above", False), bool):
        raise NotADecision("above", value=_shown(data["above"]))
    if len(data["id"]) < _LEAST_ID:
        raise NotADecision("short-id", value=_shown(data["id"]), least=_LEAST_ID)
    replaces = data.get("replaces", [])
    if not isinstance(replaces, list) or not all(isinstance(each, str) for each in replaces):
        raise NotADecision("replaces", value=_shown(replaces))
    if data["what"] in (What.POINTS, What.TOTAL) and data["points"] > data["out_of"] and not data.get("above"):
        raise NotADecision("too-many", points=f"{data['points']:g}", out_of=f"{data['out_of']:g}")
