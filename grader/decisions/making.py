"""New decisions on the reports of a folder, made in place of what held before; refused where they make no sense."""

from __future__ import annotations

import getpass
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.decisions.log import DecisionLog
from grader.decisions.record import Decision, What
from grader.decisions.standing import Standing
from grader.errors import ToldError
from grader.wire.facts import Fact

LONGEST = 10_000


class Refused(ToldError):
    """A decision that makes no sense."""


@dataclass(frozen=True)
class Maker:
    """Makes decisions in the name of one person."""

    log: DecisionLog
    who: str
    above: str = "option"
    """What says that more points than there are, are meant: an `option` of a command, or a `box`."""

    def points(
        self,
        name: str,
        data: Mapping[str, Any],
        check: str,
        points: float,
        *,
        why: str,
        above: bool = False,
        mark: str = "",
    ) -> list[Decision]:
        """Give points for one check, or for all together where `check` is `total`.

        Args:
            data: the report, as weights and decisions have it.
            mark: id of a decision that may be there already; then nothing happens.

        Raises:
            Refused: there is no such check, or there are not so many points to have.
        """
        if check == What.TOTAL:
            what, about, out_of = What.TOTAL, "", data["out_of"]
        else:
            what, about, out_of = What.POINTS, check, _worth(data, check)
        if not math.isfinite(points) or points < 0:
            raise Refused(Fact("refused: no-number", {"check": check, "text": f"{points:g}"}))
        if points > out_of and not above:
            told = {"check": check, "points": f"{points:g}", "out_of": f"{out_of:g}"}
            raise Refused(Fact("refused: too-many", {**told, "above": Fact(f"above: {self.above}")}))
        decision = Decision(
            "",
            self.who,
            what,
            name,
            about,
            points,
            out_of,
            points > out_of,
            data["submission"]["sha256"],
            why=why,
            id=mark,
        )
        return self._add([decision])

    def text(
        self, what: What, names: Sequence[str], text: str, *, why: str = "", ids: Sequence[str] = ()
    ) -> list[Decision]:
        """Write a comment, name who handed in, or choose a file: the same for each of some reports.

        Raises:
            Refused: there is no text, or too much.
        """
        if not text.strip() or len(text) > LONGEST:
            raise Refused(Fact("refused: length", {"most": LONGEST}))
        marks = list(ids) or [""] * len(names)
        return self._add(
            [
                Decision("", self.who, what, name, text=text.strip(), why=why, id=mark)
                for name, mark in zip(names, marks, strict=True)
            ]
        )

    def excuse(self, name: str, *, why: str, mark: str = "") -> list[Decision]:
        """The assignment does not count for a student."""
        return self._add([Decision("", self.who, What.EXCUSE, name, why=why, id=mark)])

    def all(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Decisions that are ready but for who, when and what they replace."""
        return self._add(decisions)

    def undo(self, ids: Sequence[str], *, why: str = "", mark: str = "") -> list[Decision]:
        """Take decisions back. What they had been made in place of holds again.

        Raises:
            Refused: one of them is not there, or does not hold.
        """
        standing = Standing(self.log.read().decisions)
        holding = {decision.id for decision in standing.holding if decision.what is not What.RELEASE}
        unknown = [each for each in ids if each not in holding]
        if unknown:
            raise Refused(Fact("refused: no-decision", {"id": unknown[0]}))
        return self.log.add([Decision("", self.who, What.UNDO, why=why, replaces=tuple(ids), id=mark)])

    def _add(self, decisions: Sequence[Decision]) -> list[Decision]:
        standing = Standing(self.log.read().decisions)
        return self.log.add([_in_place(decision, standing, self.who) for decision in decisions])


def _in_place(decision: Decision, standing: Standing, who: str) -> Decision:
    if decision.what is What.RELEASE:
        before = tuple(d.id for d in standing.of(decision.student) if d.what is What.RELEASE)
    else:
        before = standing.replaced_by_a_new_one(decision.subject)
    return replace(decision, who=who, replaces=before)


def _worth(data: Mapping[str, Any], check: str) -> float:
    for each in data["checks"]:
        if each["id"] == check:
            return float(each["out_of"])
    known = tuple(each["id"] for each in data["checks"])
    raise Refused(Fact("refused: no-check", {"check": check, "known": known}))


def me() -> str:
    """Who is at the keyboard: GRADE_AS, else the name of the account."""
    try:
        return os.environ.get("GRADE_AS") or getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def told(decision: Decision, check: str = "") -> Fact:
    """What a decision says, to be listed; a check by its id, or as it is called where it is listed."""
    values = {
        "check": check or decision.check,
        "points": "" if decision.points is None else f"{decision.points:g}",
        "out_of": "" if decision.out_of is None else f"{decision.out_of:g}",
        "hours": "" if decision.hours is None else f"{decision.hours:g}",
        "percent": "" if decision.percent is None else f"{decision.percent:g}",
        "cap": "" if decision.cap is None else f"{decision.cap:g}",
        "grace": f"{decision.grace:g}" if decision.grace else "",
        "text": decision.text,
    }
    return Fact(f"decision: {decision.what}", values)


def with_state(decisions: Iterator[Decision], standing: Standing) -> list[tuple[Decision, str]]:
    """Each decision, and whether it `holds`, is `undone` or `replaced`."""
    holding = {decision.id for decision in standing.holding}
    return [
        (d, "holds" if d.id in holding else "undone" if d.id in standing.undone else "replaced")
        for d in decisions
        if d.what is not What.UNDO
    ]
