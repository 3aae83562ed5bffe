"""The catalogue of an exercise: each mistake loses marks, is diagnosed as itself, and can be told from the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from grader.assignment import Assignment
from grader.diagnosis.catalogue import Catalogue
from grader.diagnosis.loading import load_catalogue
from grader.errors import AssignmentError
from grader.records import AnyArray, Report, Run
from grader.validation.finding import Flaw, Item, Location
from grader.validation.graded import Graded, Sandbox
from grader.validation.places import line_with, raised_in
from grader.validation.texts import hints, untranslated
from grader.validation.wrong_code import WRONG, Wrong, wrong_submissions
from grader.wire.facts import Fact

_SAME = 1e-6
"""Relative: what two ways of writing one formula may differ by."""


@dataclass(frozen=True)
class Made:
    """Wrong code, and what became of it."""

    wrong: Wrong
    graded: Graded


def catalogue_of(assignment: Assignment) -> tuple[Catalogue | None, Item]:
    """The catalogue, and whether its hints are complete."""
    path = assignment.reference / "mistakes.py"
    try:
        catalogue = load_catalogue(assignment.reference)
    except AssignmentError as error:
        families = _ids_written_in(path)
        problems = untranslated(assignment, families) or [
            Flaw(raised_in(error, [path.parent]) or Location(path), str(error).removeprefix(f"{path}: "), "mend it")
        ]
        return None, Item("hints", "", tuple(problems))
    if catalogue is None:
        return None, Item("hints", "there is no catalogue of known mistakes (mistakes.py)", looked=False)
    return catalogue, hints(assignment, catalogue)


def _ids_written_in(path: Path) -> set[str]:
    """The ids in `@mistake("id", ...)`, of a file that cannot be imported."""
    return set(re.findall(r'^@?mistake\(\s*"([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE))


def make_all(sandbox: Sandbox, tell: Callable[[str], None]) -> list[Made]:
    """Grade all wrong code of an exercise.

    Raises:
        AssignmentError: `wrong.py` cannot be used.
    """
    found = wrong_submissions(sandbox.assignment)
    made = []
    for number, wrong in enumerate(found, start=1):
        tell(f"wrong code {number} of {len(found)}: {', '.join(sorted(wrong.ids))}")
        made.append(Made(wrong, sandbox.grade(wrong.file, wrong.data)))
    return made


def unusable(assignment: Assignment, error: AssignmentError) -> Flaw:
    """What keeps wrong.py from being used."""
    path = assignment.reference / WRONG
    place = raised_in(error, [path.parent]) or Location(path)
    return Flaw(place, error.what, error.remedy or "mend it")


def diagnosed(assignment: Assignment, catalogue: Catalogue, made: list[Made]) -> Item:
    """Every mistake of the catalogue is made by some code, which loses marks and gets its name."""
    problems = [*_not_made(assignment, catalogue, made)]
    for one in made:
        report = one.graded.report
        names = ", ".join(sorted(one.wrong.ids))
        if report.score >= report.out_of:
            remedy = "add a probe in which its numbers are wrong"
            problems.append(Flaw(one.wrong.place, f"`{names}` loses no marks", remedy))
        elif not _is_named(catalogue, one.wrong.ids, report):
            told = ", ".join(m.id for m in report.diagnosis.mistakes) or "nothing that is known"
            remedy = "mend the formula in mistakes.py or the wrong code, or declare `same_as`"
            problems.append(Flaw(one.wrong.place, f"`{names}` is diagnosed as {told}", remedy))
    told = f"{len(_families(catalogue))} are made by {len(made)} wrong submissions, lose marks and are named"
    return Item("known mistakes", told, tuple(problems))


def _families(catalogue: Catalogue) -> set[str]:
    return {entry.family for entry in catalogue.entries}


def _family(name: str) -> str:
    return name.removeprefix("out:").removeprefix("hid:")


def _not_made(assignment: Assignment, catalogue: Catalogue, made: list[Made]) -> Iterator[Flaw]:
    names = {name for one in made for name in one.wrong.ids}
    known = _families(catalogue)
    lacking = known - {_family(name) for name in names}
    for family in sorted(lacking):
        place = line_with(assignment.reference / "mistakes.py", f'"{family}"')
        yield Flaw(place, f"no wrong code makes `{family}`", f"add a pair (id, code) to `WRONG` in {WRONG}")
    for one in made:
        for name in sorted(name for name in one.wrong.ids if _family(name) not in known):
            yield Flaw(one.wrong.place, f"`{name}` is not in the catalogue", f"known are {', '.join(sorted(known))}")


def _is_named(catalogue: Catalogue, ids: Iterable[str], report: Report) -> bool:
    """Whether exactly these mistakes are named, or others that are said to give the same numbers."""
    told = [{m.id, _family(m.id), *m.same_as, *map(_family, m.same_as)} for m in report.diagnosis.mistakes]
    wanted = [_twins(catalogue, name) for name in ids]
    return all(any(w & t for t in told) for w in wanted) and all(any(w & t for w in wanted) for t in told)


def _twins(catalogue: Catalogue, name: str) -> set[str]:
    """The names by which a mistake may go, as the catalogue declares."""
    twins = {name, _family(name)}
    for entry in catalogue.entries:
        if twins & {entry.id, entry.family}:
            twins |= set(entry.same_as)
        elif twins & set(entry.same_as):
            twins |= {entry.id, entry.family}
    return twins


def separated(catalogue: Catalogue, made: list[Made], graded: list[str]) -> Item:
    """No two mistakes give the same numbers in every graded probe, unless one of them names the other as its twin."""
    first: dict[str, Made] = {}
    for one in made:
        if len(one.wrong.ids) == 1:
            first.setdefault(next(iter(one.wrong.ids)), one)
    alike = [
        (a, b)
        for a, b in combinations(first, 2)
        if _family(a) != _family(b) and same(first[a].graded.run, first[b].graded.run, graded)
    ]
    twins = [(a, b) for a, b in alike if b in _twins(catalogue, a)]
    problems = tuple(
        Flaw(
            first[a].wrong.place,
            f"no probe tells `{a}` from `{b}`",
            "add a probe in which they differ, or declare one of them in `same_as` of the other",
        )
        for a, b in alike
        if (a, b) not in twins
    )
    rest = f"; twins: {', '.join(f'{a} and {b}' for a, b in twins)}" if twins else ""
    pairs = len(first) * (len(first) - 1) // 2
    return Item("probes tell them apart", f"{pairs - len(alike)} of {pairs} pairs{rest}", problems)


def same(one: Run, other: Run, probes: list[str]) -> bool:
    """Whether two runs show the same in all of these probes: how they ended, with which error, and all numbers."""
    for name in probes:
        a, b = one.observations[name], other.observations[name]
        if (a.outcome, _without_places(a.fact), dict(a.notes)) != (b.outcome, _without_places(b.fact), dict(b.notes)):
            return False
        if set(a.arrays) != set(b.arrays) or not all(_close(a.arrays[q], b.arrays[q]) for q in a.arrays):
            return False
    return True


def _without_places(fact: Fact | None) -> Fact | None:
    """The error itself, without the lines of code that led to it."""
    return fact and Fact(fact.kind, {name: value for name, value in fact.values.items() if name != "places"})


def _close(a: AnyArray, b: AnyArray) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc" or b.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    size = float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0))
    return bool(np.allclose(a, b, _SAME, _SAME * size, equal_nan=True))
