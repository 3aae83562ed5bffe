"""The pages of the desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader

from grader.decisions import What
from grader.decisions.making import told, with_state
from grader.desk.actions import seen
from grader.desk.filters import ORDERS, VIEWS, Filter, mistakes_of, needs_a_person
from grader.desk.grading import Grading
from grader.desk.state import Desk, key_of
from grader.gradebook.cells import number
from grader.gradebook.rows import Row
from grader.records import WITHOUT_SCORE, Action, Outcome
from grader.reports.clean import first_line
from grader.reports.html.page import environment
from grader.reports.sentences import failures, note
from grader.reports.show import source
from grader.reports.titles import titled
from grader.wire.facts import Fact
from grader.words import Words

_A_PAGE = 100


@dataclass(frozen=True)
class Line:
    """A line of code; `mark` is why it is marked, empty where it is not."""

    number: int
    text: str
    mark: str


class Pages:
    """Pages on one class, in one language; `root` is the address that all begin with."""

    def __init__(self, desk: Desk, grading: Grading, root: str, language: str) -> None:
        self.root = root
        self._desk, self._grading = desk, grading
        self._words = Words(language)

    @cached_property
    def _templates(self) -> Environment:
        templates = environment().overlay(loader=PackageLoader("grader.desk"))
        templates.filters |= {"number": number}
        return templates

    def list_(self, asked: Filter, page: int) -> str:
        """The list of a class, a page of it."""
        desk = self._desk
        found = desk.listed(asked)
        pages = max(1, -(-len(found) // _A_PAGE))
        page = min(max(1, page), pages)
        shown = found[(page - 1) * _A_PAGE : page * _A_PAGE]
        return self._render(
            "list.html",
            asked=asked,
            everywhere=replace(asked, view="all").query,
            views=[(view, desk.count(view), replace(asked, view=view, name="").query) for view in VIEWS],
            orders=ORDERS,
            found=len(found),
            page=page,
            pages=pages,
            rows=[self._listed(row) for row in shown],
            mistakes=desk.mistakes,
            checks=desk.checks,
        )

    def submission(self, key: str, asked: Filter, said: str) -> str | None:
        """One submission; None where there is none."""
        desk = self._desk
        found = desk.row(key)
        report = desk.report(*found) if found else None
        if found is None or report is None:
            return None
        report = titled(report, self._words)
        name, row = found
        data = desk.data(name) or {}
        before, after, place, of = self._neighbours(row, asked)
        titles = {check.id: check.title for check in report.checks}
        listed = [
            (d, self._words.say(told(d, titles.get(d.check, ""))), state)
            for d, state in with_state(desk.standing.history(name), desk.standing)
            if d.what not in (What.NAME, What.MAIN) or not desk.hides(row)
        ]
        return self._render(
            "submission.html",
            report=report,
            row=row,
            key=key,
            name=desk.shown(row),
            scored=report.outcome not in WITHOUT_SCORE,
            decided_score=data["score"],
            out_of=data["out_of"],
            checks=list(zip(report.checks, (c["points"] for c in data["checks"]), strict=True)),
            notes={check.id: note(report, check, self._words) for check in report.checks},
            failures=failures(report, self._words),
            code=list(self._code(data)),
            decisions=listed,
            total=number(data["score"]) or "0" if desk.standing.on((What.TOTAL, name, "")) else "",
            attempts=[self._attempt(one, name) for one in row.attempts],
            asked=asked,
            before=before,
            after=after,
            place=place,
            of=of,
            seen=seen(desk, name),
            once=secrets.token_hex(8),
            saved=list(desk.saved_comments()),
            said=said,
            attention=needs_a_person(row, desk.standing, desk.troubled),
            called="" if desk.hides(row) else desk.shown(row),
            files=desk.files(name),
            choice=None if desk.hides(row) else self._grading.of(name),
            problems=[fact for fact in desk.problems if _names(fact, name)] if not desk.hides(row) else [],
        )

    def group(self, mistake: str, said: str) -> str | None:
        """All who made one mistake; None where nobody did."""
        desk = self._desk
        rows = [row for row in desk.rows if mistake in mistakes_of(row)]
        if not rows:
            return None
        title = next(m["title"] for m in rows[0].data["diagnosis"]["mistakes"] if m["id"] == mistake)
        return self._render(
            "group.html",
            mistake=mistake,
            title=title,
            rows=[self._listed(row) for row in rows],
            checks=desk.checks,
            saved=list(desk.saved_comments()),
            once=secrets.token_hex(8),
            said=said,
        )

    def trouble(self, message: str, back: str = "", what: str = "not-saved") -> str:
        """What went wrong: something was `not-saved`, or is `not-shown`; and a way back."""
        return self._render("trouble.html", message=message, back=back, what=what)

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(
            w=self._words, root=self.root, desk=self._desk, quote=lambda text: quote(text, safe=""), **values
        )

    def _listed(self, row: Row) -> dict[str, Any]:
        desk = self._desk
        return {
            "key": key_of(row.name),
            "name": desk.shown(row),
            "score": row.score,
            "out_of": row.data["out_of"],
            "decided": row.is_decided,
            "measured": row.measured,
            "outcome": row.data["outcome"],
            "mistakes": list({m["id"]: m["title"] for m in row.data["diagnosis"]["mistakes"]}.items()),
            "what": self._what(row),
            "place": next(iter(row.data["diagnosis"]["places"]), None),
            "late": bool(row.submission["late"] or row.entry.penalty),
            "penalty": row.entry.penalty,
            "attempts": len(row.attempts),
            "comments": len(row.comments),
            "excused": row.entry.excused,
            "attention": needs_a_person(row, desk.standing, desk.troubled),
            "released": any(d.what is What.RELEASE for d in desk.standing.of(row.name)),
        }

    def _what(self, row: Row) -> str:
        """What is to be said of a report that names no mistake and no place, in short."""
        words, outcome = self._words, row.data["outcome"]
        if outcome != Outcome.RETURNED:
            report = self._desk.report(row.name, row) if outcome == Outcome.UNREADABLE else None
            why = first_line(failures(report, words)) if report else ""
            return words("desk: ended", outcome=words(f"outcome: {outcome}"), why=why)
        actions = {finding["action"] for finding in row.data["policy"]}
        if Action.FORBID in actions or Action.WARN in actions:
            return words("desk: by-machine" if Action.FORBID in actions else "desk: evidence")
        lost = tuple(words.title(check["title"]) for check in row.data["checks"] if check["points"] < check["out_of"])
        return words("desk: lost", titles=lost) if lost else ""

    def _attempt(self, name: str, shown: str) -> dict[str, Any]:
        data = self._desk.folder.load(name) or {}
        return {
            "key": key_of(name),
            "number": data["submission"]["attempt"],
            "score": None if data["outcome"] in WITHOUT_SCORE else data["score"],
            "outcome": data["outcome"],
            "date": data["date"],
            "shown": name == shown,
        }

    def _neighbours(self, row: Row, asked: Filter) -> tuple[str, str, int, int]:
        """Keys of the rows before and after one in a list, its place there, and how many there are.

        A row that has left the list, as it was decided, still has the one after it.
        """
        found = self._desk.listed(asked)
        names = [one.name for one in found]
        if row.name not in names:
            whole = [one.name for one in self._desk.listed(replace(asked, view="all"))]
            rest = whole[whole.index(row.name) + 1 :] if row.name in whole else []
            after = next((name for name in rest if name in set(names)), names[0] if names else "")
            return "", key_of(after) if after else "", 0, len(names)
        place = names.index(row.name)
        before = key_of(names[place - 1]) if place else ""
        after = key_of(names[place + 1]) if place + 1 < len(names) else ""
        return before, after, place + 1, len(names)

    def _code(self, data: dict[str, Any]) -> list[Line]:
        marks: dict[int, str] = {}
        for failure in data["failures"]:
            if failure["own_line"] and failure["own_line"][0] == data["submission"]["name"]:
                marks[int(failure["own_line"][1])] = self._words("desk: raised-here")
        for place in data["diagnosis"].get("places", ()):
            if not place["cell"] and place["file"] == data["submission"]["name"]:
                marks[int(place["line"])] = self._words("desk: wrong-here", what=place["text"])
        lines = source(self._desk.folder.code(data["submission"]["sha256"]))
        return [Line(number, text, marks.get(number, "")) for number, text in enumerate(lines, 1)]


def _names(fact: Fact, name: str) -> bool:
    """Whether a fact, or one that belongs to it, is on the report of this name."""
    return any(
        _names(value, name) if isinstance(value, Fact) else name in (value if isinstance(value, tuple) else (value,))
        for value in fact.values.values()
    )
