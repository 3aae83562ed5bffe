"""Go through an exercise, step by step; a step that needs an earlier one is not looked at where that one failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from grader import submission
from grader.assignment import Assignment
from grader.errors import AssignmentError, SubmissionError
from grader.records import Isolation, PolicyFinding
from grader.reports.sentences import failures
from grader.validation import derivation, mistakes, practice, texts
from grader.validation.blame import unusable
from grader.validation.finding import Flaw, Item, Location
from grader.validation.graded import Sandbox
from grader.validation.layers import validate_layers
from grader.validation.looked_at import Derivation
from grader.validation.places import definition, line_with
from grader.words import Words

_SEED = "validation"
_NO_HINTS = "needs a catalogue that is complete"
_NO_KEY = "needs oracles and a reference that agree"


def validate(assignment: Assignment, isolation: Isolation, tell: Callable[[str], None]) -> Iterator[Item]:
    """Look at everything that must hold of an exercise.

    Args:
        isolation: how submissions are locked in while they are tried.
        tell: called with a line on what is done next.
    """
    if assignment.specification.layers:
        yield from validate_layers(assignment)
        return
    maths = Derivation(assignment, _SEED)
    yield texts.statement(assignment)
    tell("the oracles")
    yield from derivation.agreement(maths)
    yield texts.points(assignment, maths.graded())
    yield derivation.golden(maths)
    yield derivation.axes(maths)
    yield from _for_students(maths)
    catalogue, told = mistakes.catalogue_of(assignment)
    yield told
    if maths.key is None or (catalogue is None and told.problems):
        for title in ("full marks", "handout", "known mistakes", "probes tell them apart"):
            yield Item(title, _NO_KEY if maths.key is None else _NO_HINTS, looked=False)
        return
    with Sandbox(assignment, maths.key, isolation) as sandbox:
        yield _full_marks(sandbox)
        yield _handout(sandbox)
        if catalogue is None:
            for title in ("known mistakes", "probes tell them apart"):
                yield Item(title, "there is no catalogue that can be used", looked=False)
            return
        graded = [probe.name for probe in maths.key.probes if probe.graded]
        try:
            made = mistakes.make_all(sandbox, tell)
        except AssignmentError as error:
            yield Item("known mistakes", "", (mistakes.unusable(assignment, error),))
            return
    yield mistakes.diagnosed(assignment, catalogue, made)
    yield mistakes.separated(catalogue, made, graded)


def _for_students(maths: Derivation) -> Iterator[Item]:
    """What is drawn is drawn anew for each seed, and students can check themselves."""
    if maths.key is None:
        for title in ("draws", "public trials", "self-check"):
            yield Item(title, _NO_KEY, looked=False)
        return
    yield derivation.draws(maths)
    yield practice.public_trials(maths.assignment, maths.key)
    yield practice.self_check(maths.assignment, _SEED, lambda error: unusable(maths, error))


def _full_marks(sandbox: Sandbox) -> Item:
    """The reference, handed in as a student would, gets all points."""
    assignment = sandbox.assignment
    path = assignment.reference / "solution.py"
    if assignment.specification.script:
        told = "the reference is a function of what is given, not a script that could be handed in"
        return Item("full marks", told, looked=False)
    report = sandbox.grade(path).report
    words = Words("en")
    remedy = failures(report, words) or "mend it"
    lost = [check for check in report.checks if check.points < check.out_of]
    place = definition(path, assignment.specification.entry_points)
    problems = tuple(
        Flaw(place, f"the reference loses marks: {check.title}, {words.say(check.fact)}", remedy) for check in lost
    )

    def evidence(found: PolicyFinding) -> str:
        return "; ".join(map(words.say, found.evidence))

    policy = tuple(
        Flaw(place, f"the reference breaks the policy `{found.rule}`: {evidence(found)}", "derive by hand")
        for found in report.policy
    )
    return Item("full marks", f"the reference, handed in: {report.score:g} of {report.out_of:g}", problems + policy)


def _handout(sandbox: Sandbox) -> Item:
    """The handout, handed in as it is, gets no points."""
    problems = []
    for name in texts.HANDOUTS:
        path = sandbox.assignment.folder / name
        if not path.is_file():
            if name == texts.HANDOUTS[0]:
                problems.append(Flaw(Location(path), "there is no handout", "write the gaps that students fill"))
            continue
        try:
            problems += _not_asked_for(sandbox.assignment, path)
            report = sandbox.grade(path).report
        except SubmissionError as error:
            problems.append(Flaw(Location(path), str(error).removeprefix(f"{path}: "), "mend the file"))
            continue
        for check in report.checks:
            if check.points:
                entries = [f"def {n}" for n in sandbox.assignment.specification.entry_points]
                place = line_with(path, *entries, "class ")
                what = f"the handout passes: {check.points:g} of {check.out_of:g} for `{check.id}`"
                problems.append(Flaw(place, what, "leave a gap that does nothing"))
    return Item("handout", "handed in as it is, it gets no points", tuple(problems))


def _not_asked_for(assignment: Assignment, path: Path) -> Iterator[Flaw]:
    """The entry points that a starter does not define: whoever fills it cannot hand it in."""
    for name in submission.undefined(submission.read(path), assignment):
        signature = assignment.specification.entry_points[name].signature
        yield Flaw(Location(path), f"`{name}` is not defined, which assignment.yaml asks for", f"write `{signature}`")
