"""What a form on the desk does: decisions, each once, however often the form is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.decisions import Decision, What
from grader.decisions.making import LONGEST, Maker, Refused
from grader.desk.filters import mistakes_of
from grader.desk.grading import Choice, Grading
from grader.desk.state import Desk, key_of
from grader.wire.facts import Fact


@dataclass(frozen=True)
class Form:
    """The fields of a form."""

    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """A field; empty where it is not there."""
        return self.fields.get(name, "").replace("\r\n", "\n").strip()

    def mark(self, what: str) -> str:
        """The id of a decision of this form: the same whenever the form is sent again."""
        once = self.text("once")
        if not once:
            raise Refused(Fact("refused: form"))
        return hashlib.sha256(f"{once} {what}".encode()).hexdigest()[:12]


def apply_to_one(desk: Desk, maker: Maker, grading: Grading, key: str, form: Form) -> str:
    """Do what a form on one submission asks for; the name of what is to be said about it.

    Raises:
        Refused: it makes no sense, or the page was older than what others have decided meanwhile.
    """
    found = desk.row(key)
    data = desk.data(found[0]) if found else None
    if found is None or data is None:
        raise Refused(Fact("refused: gone"))
    name = found[0]
    action = form.text("action")
    if action == "file":
        return _graded(grading.begin(name, form.mark("file"), lambda: _chosen(desk, name, form)))
    if action == "undo":
        chosen = next((d for d in desk.standing.all if d.id == form.text("id") and d.what is What.MAIN), None)
        if chosen:
            return _graded(grading.begin(chosen.student, form.mark("undo"), lambda: _taken_back(desk, chosen.id)))
        maker.undo([form.text("id")], mark=form.mark("undo"))
        return "undone"
    if action == "excuse":
        maker.excuse(name, why=form.text("why"), mark=form.mark("excuse"))
        return "saved"
    if action == "name":
        maker.text(What.NAME, [name], form.text("name"), ids=[form.mark("name")])
        return "saved"
    known = {d.id for d in desk.standing.all}
    changed = list(_changed(form, data))
    marks = {form.mark(check) for check, _ in changed}
    if changed and form.text("seen") != seen(desk, name) and not marks & known:
        return "meanwhile"
    for check, points in changed:
        maker.points(
            name, data, check, points, why=form.text("why"), above="above" in form.fields, mark=form.mark(check)
        )
    if comment := form.text("comment") or form.text("saved"):
        maker.text(What.COMMENT, [name], comment, ids=[form.mark("comment")])
    return "saved" if changed or comment else "nothing"


def _graded(is_begun: bool) -> str:
    return "graded" if is_begun else "meanwhile"


def _chosen(desk: Desk, name: str, form: Form) -> Choice | None:
    desk.refresh()
    if form.text("seen") != seen(desk, name):
        return None
    file, why = desk.files(name).get(form.text("file")), form.text("why").replace("\0", "")
    if file is None:
        raise Refused(Fact("refused: no-file"))
    if len(why) > LONGEST:
        raise Refused(Fact("refused: length", {"most": LONGEST}))
    return Choice(file, why)


def _taken_back(desk: Desk, decision: str) -> Choice | None:
    desk.refresh()
    return Choice(undone=decision) if any(d.id == decision for d in desk.standing.holding) else None


def apply_to_group(desk: Desk, maker: Maker, mistake: str, form: Form) -> str:
    """Decide for all who made one mistake; the name of what is to be said about it.

    Raises:
        Refused: it makes no sense.
    """
    rows = [row for row in desk.rows if mistake in mistakes_of(row) and f"leave-{key_of(row.name)}" not in form.fields]
    if not rows:
        raise Refused(Fact("refused: nobody"))
    check, points, comment = form.text("check"), form.text("points"), form.text("comment") or form.text("saved")
    new: list[Decision] = []
    if points:
        number = _number(check, points)
        for row in rows:
            out_of = next((c["out_of"] for c in row.data["checks"] if c["id"] == check), None)
            if out_of is None or number > out_of:
                told = {"check": check, "points": f"{number:g}", "out_of": f"{out_of or 0:g}"}
                raise Refused(Fact("refused: too-many", {**told, "above": Fact("above: one-by-one")}))
            new.append(
                Decision("", maker.who, What.POINTS, row.name, check, number, out_of, file=row.submission["sha256"],
                         why=form.text("why"), id=form.mark(f"{row.name} points"))
            )  # fmt: skip
    if comment:
        new += [
            Decision("", maker.who, What.COMMENT, row.name, text=comment, id=form.mark(f"{row.name} comment"))
            for row in rows
        ]
    maker.all(new)
    return "saved" if new else "nothing"


def seen(desk: Desk, name: str) -> str:
    """What stands for all that holds of a report: a form tells by it what its reader had seen."""
    ids = sorted(decision.id for decision in desk.standing.of(name) if decision.what is not What.COMMENT)
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]


def _changed(form: Form, data: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The checks whose points are others than the form had shown."""
    for check in [*(each["id"] for each in data["checks"]), What.TOTAL.value]:
        text = form.text(f"points-{check}")
        if text and text != form.text(f"before-{check}"):
            yield check, _number(check, text)


def _number(check: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise Refused(Fact("refused: no-number", {"check": check, "text": text})) from None
