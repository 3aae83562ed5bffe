"""Which reports a list shows. Pure: rows and the words of an address in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from grader.decisions import Standing, What
from grader.decisions.applying import is_on
from grader.gradebook.rows import Row
from grader.intake.naming import folded
from grader.records import Action

VIEWS = ("all", "attention", "wrong", "decided", "late", "changed", "released")
ORDERS = ("name", "score")


@dataclass(frozen=True)
class Filter:
    """What was asked for; empty fields ask for nothing."""

    view: str = "all"
    name: str = ""
    mistake: str = ""
    check: str = ""
    least: str = ""
    most: str = ""
    order: str = "name"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filter:
        """From the query of an address; what is not known in it is left out."""
        view, order = query.get("view", ""), query.get("order", "")
        texts = {field: query.get(field, "")[:200] for field in ("name", "mistake", "check", "least", "most")}
        return cls(view=view if view in VIEWS else "all", order=order if order in ORDERS else "name", **texts)

    @property
    def query(self) -> str:
        """It as the query of an address."""
        fields = {"view": self.view, "name": self.name, "mistake": self.mistake, "check": self.check,
                  "least": self.least, "most": self.most, "order": self.order}  # fmt: skip
        usual = Filter()
        return urlencode({name: value for name, value in fields.items() if value != getattr(usual, name)})


def needs_a_person(row: Row, standing: Standing, trouble: frozenset[str]) -> bool:
    """Whether somebody must look: there is no score, evidence that asks for it, or a decision that is not clear."""
    if row.entry.excused:
        return False
    warned = any(finding["action"] == Action.WARN for finding in row.data["policy"])
    if row.score is None or row.disputed or row.name in trouble:
        return True
    return warned and not any(d.what in (What.POINTS, What.TOTAL, What.COMMENT) for d in standing.of(row.name))


def trouble(standing: Standing, rows: Iterable[Row]) -> frozenset[str]:
    """The reports on which people contradict each other, or on which points are for another file."""
    by_name = {row.name: row for row in rows}
    found = {holding[0].student for holding in standing.contradictions}
    for what in (What.POINTS, What.TOTAL):
        for decision in standing.of_class(what):
            row = by_name.get(decision.student)
            if row and not is_on(decision, row.data):
                found.add(decision.student)
    return frozenset(found)


def changed_since_release(row: Row, standing: Standing) -> bool:
    """Whether a student was shown another score than counts now."""
    released = [d for d in standing.of(row.name) if d.what is What.RELEASE]
    return bool(released) and released[-1].points != row.score


def chosen(
    rows: Iterable[Row], asked: Filter, standing: Standing, shown: Callable[[Row], str], troubled: frozenset[str]
) -> list[Row]:
    """The rows that a filter lets through, in its order.

    Args:
        shown: what a row is called; names that are hidden cannot be searched for.
        troubled: names of reports on which decisions are not clear.
    """
    tests = list(_tests(asked, standing, shown, troubled))
    found = [row for row in rows if all(test(row) for test in tests)] if tests else list(rows)
    if asked.order == "score":
        found.sort(key=lambda row: (row.score is not None, row.score or 0.0, folded(shown(row))))
    else:
        found.sort(key=lambda row: folded(shown(row)))
    return found


def views(standing: Standing, troubled: frozenset[str]) -> dict[str, Callable[[Row], bool]]:
    """For each view, which rows it shows; `all` has no test."""
    return {
        "attention": lambda row: needs_a_person(row, standing, troubled),
        "wrong": lambda row: row.score is not None and any(c["points"] < c["out_of"] for c in row.data["checks"]),
        "decided": lambda row: any(d.what not in (What.RELEASE, What.LATE) for d in standing.of(row.name)),
        "late": lambda row: bool(row.submission["late"] or row.entry.penalty),
        "changed": lambda row: changed_since_release(row, standing),
        "released": lambda row: any(d.what is What.RELEASE for d in standing.of(row.name)),
    }


def _tests(
    asked: Filter, standing: Standing, shown: Callable[[Row], str], troubled: frozenset[str]
) -> Iterator[Callable[[Row], bool]]:
    known = views(standing, troubled)
    if asked.view in known:
        yield known[asked.view]
    if asked.name:
        yield lambda row: folded(asked.name) in folded(shown(row))
    if asked.mistake:
        yield lambda row: asked.mistake in mistakes_of(row)
    if asked.check:
        yield lambda row: any(c["id"] == asked.check and c["points"] < c["out_of"] for c in row.data["checks"])
    for text, holds in ((asked.least, lambda s, n: s >= n), (asked.most, lambda s, n: s <= n)):
        number = _number(text)
        if number is not None:
            yield lambda row, n=number, h=holds: row.score is not None and h(row.score, n)  # type: ignore[misc]


def mistakes_of(row: Row) -> list[str]:
    """The ids of the known mistakes in a submission."""
    return [mistake["id"] for mistake in row.data["diagnosis"]["mistakes"]]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
