"""What the reports on a class show together. Pure: reports in, values of tables out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median_low

from grader.records import WITHOUT_SCORE, Action, Place, Report, Verdict
from grader.wire.facts import Fact

BINS = 10
_SLOWEST = 5
_COMPARED = 8
_LONGEST_LINE = 100
People = tuple[int, ...]
"""Positions in the list of reports."""


@dataclass(frozen=True)
class CheckCost:
    """How many points of `out_of` a check cost on average, and whom."""

    title: str
    out_of: float
    cost: float
    people: People


@dataclass(frozen=True)
class Shared:
    """Something that is true of some of the reports; `code` is a line of one that shows it, where one is known."""

    label: Fact
    people: People
    code: str = ""


@dataclass(frozen=True)
class Attempt:
    """The `number`-th attempts: how many have a score, and the mean of these.

    Of those who had tried before, `more` have more points now, and `fewer` have fewer.
    """

    number: int
    scored: int
    mean: float
    more: int
    fewer: int


@dataclass(frozen=True)
class Group:
    """Some of the reports, a section or a term: how many have a score, and for each mistake the share that made it."""

    name: str
    scored: int
    mean: float
    median: float
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """Groups side by side: `mistakes` are the most common in all of them, in the order of their shares."""

    groups: tuple[Group, ...]
    mistakes: tuple[Fact, ...]


@dataclass(frozen=True)
class ClassView:
    """The tables on a class. A bin of `bins` is one tenth of the points wide; full marks have the last one alone.

    `unscored` are those at which a person must look: they have no score, and no check cost them anything.
    """

    title: str
    assignment: str
    out_of: float
    unscored: People
    scores: tuple[float, ...]
    mean: float
    median: float
    bins: tuple[People, ...]
    checks: tuple[CheckCost, ...]
    mistakes: tuple[Shared, ...]
    attempts: tuple[Attempt, ...]
    outcomes: tuple[Shared, ...]
    policy: tuple[Shared, ...]
    slowest: People


def class_view(reports: Sequence[Report], all_attempts: Sequence[Report] = ()) -> ClassView:
    """The tables on one or more reports, which are on one assignment.

    Args:
        all_attempts: all reports on the same students, those that do not count too.
    """
    first = reports[0]
    unscored = tuple(n for n, report in enumerate(reports) if report.outcome in WITHOUT_SCORE)
    scored = [(n, report) for n, report in enumerate(reports) if n not in unscored]
    scores = tuple(report.score for _, report in scored)
    return ClassView(
        title=first.title,
        assignment=first.assignment,
        out_of=first.out_of,
        unscored=unscored,
        scores=scores,
        mean=mean(scores or [0.0]),
        median=median_low(scores or [0.0]),
        bins=_bins(scored),
        checks=tuple(_check_costs(scored)),
        mistakes=tuple(_with_code(shared, reports) for shared in _shared(_mistakes(report) for report in reports)),
        attempts=tuple(_attempts(all_attempts)),
        outcomes=_shared([Fact(f"outcome: {report.outcome}")] for report in reports),
        policy=_shared(
            [
                Fact("rule-leads-to", {"rule": finding.rule, "what": Fact(f"leads-to: {finding.action}")})
                for finding in report.policy
                if finding.action is not Action.ALLOW
            ]
            for report in reports
        ),
        slowest=tuple(sorted(range(len(reports)), key=lambda i: -reports[i].seconds)[:_SLOWEST]),
    )


def compared(groups: Mapping[str, Sequence[Report]]) -> Comparison:
    """Groups of reports on one assignment, by their names."""
    everybody = [report for reports in groups.values() for report in reports]
    mistakes = [shared.label for shared in _shared(_mistakes(report) for report in everybody)][:_COMPARED]
    found = []
    for name, reports in groups.items():
        scores = [report.score for report in reports if report.outcome not in WITHOUT_SCORE]
        own = [_mistakes(report) for report in reports]
        shares = tuple(sum(label in labels for labels in own) / max(1, len(reports)) for label in mistakes)
        found.append(Group(name, len(scores), mean(scores or [0.0]), median_low(scores or [0.0]), shares))
    return Comparison(tuple(found), tuple(mistakes))


def _bins(scored: Sequence[tuple[int, Report]]) -> tuple[People, ...]:
    bins: list[list[int]] = [[] for _ in range(BINS + 1)]
    for number, report in scored:
        share = report.score / report.out_of if report.out_of else 0.0
        bins[min(BINS, int(BINS * share + 1e-9))].append(number)
    return tuple(tuple(people) for people in bins)


def _check_costs(scored: Sequence[tuple[int, Report]]) -> Iterable[CheckCost]:
    """In the order of the assignment; a check that an older report lacks costs that one nothing."""
    lost: dict[str, list[tuple[int, float]]] = {}
    checks = {check.id: check for _, report in scored for check in report.checks}
    for number, report in scored:
        for check in report.checks:
            if check.points < check.out_of:
                lost.setdefault(check.id, []).append((number, check.out_of - check.points))
    for identity, check in checks.items():
        costs = lost.get(identity, [])
        total = sum(points for _, points in costs)
        yield CheckCost(check.title, check.out_of, total / len(scored), tuple(number for number, _ in costs))


def _mistakes(report: Report) -> list[Fact]:
    """Known mistakes, unknown ones by their step, and the rest: wrong, and nobody knows why."""
    found = [
        Fact("mistake-in-class", {"title": mistake.title, "where": mistake.where, "id": mistake.id})
        for mistake in report.diagnosis.mistakes
    ]
    found += [Fact("unknown-in-class", {"step": unknown.step}) for unknown in report.diagnosis.unknown]
    if not found and any(check.verdict is Verdict.WRONG for check in report.checks):
        found = [Fact("not-diagnosed-in-class")]
    return found


def _with_code(shared: Shared, reports: Sequence[Report]) -> Shared:
    """With the line of code that most of those have who made this mistake alone; of two, the shorter one."""
    lines = Counter(
        line
        for report in (reports[number] for number in shared.people)
        if len(_mistakes(report)) == 1 and report.diagnosis.places and (line := _anonymous(report.diagnosis.places[0]))
    )
    return replace(shared, code=min(lines, key=lambda line: (-lines[line], len(line), line), default=""))


def _anonymous(place: Place) -> str:
    """The first line of a place without its comment, and so without a name; empty where a text in it may hold one."""
    line = next((text for number, text in place.lines if number == place.line), "")
    code = line.split("#")[0].strip()
    return "" if {"'", '"'} & {*code} or len(code) > _LONGEST_LINE else code


def _attempts(reports: Sequence[Report]) -> Iterable[Attempt]:
    """The first, the second ... attempts; nothing where nobody tried twice."""
    scores: dict[str, dict[int, float]] = {}
    for report in reports:
        if report.outcome not in WITHOUT_SCORE:
            who = report.submission.student_id or report.submission.student or report.submission.name
            scores.setdefault(who, {})[report.submission.attempt] = report.score
    numbers = sorted({number for own in scores.values() for number in own})
    for number in numbers if len(numbers) > 1 else ():
        now = {who: own[number] for who, own in scores.items() if number in own}
        before = {
            who: scores[who][max(n for n in scores[who] if n < number)] for who in now if min(scores[who]) < number
        }
        more = sum(now[who] > points for who, points in before.items())
        fewer = sum(now[who] < points for who, points in before.items())
        yield Attempt(number, len(now), mean(now.values()), more, fewer)


def _shared(labels: Iterable[Sequence[Fact]]) -> tuple[Shared, ...]:
    """Whose each label is, the most common first."""
    people: dict[str, tuple[Fact, list[int]]] = {}
    for number, own in enumerate(labels):
        for label in own:
            whose = people.setdefault(repr(label), (label, []))[1]
            if number not in whose[-1:]:
                whose.append(number)
    by_size = sorted(people.items(), key=lambda item: (-len(item[1][1]), item[0]))
    return tuple(Shared(label, tuple(who)) for _, (label, who) in by_size)
