"""Go through an exercise, step by step; a step that needs an earlier one is not looked at where that one failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from grader import submission
from grader.assignment import Assignment
from grader.errors import AssignmentError, SubmissionError
from grader.records import Isolation
from grader.validation import derivation, mistakes, practice, texts
from grader.validation.blame import unusable
from grader.validation.finding import Place, Problem, Step
from grader.validation.layers import validate_layers
from grader.validation.looked_at import Derivation
from grader.validation.places import definition, line_with
from grader.validation.trials import Trials

_SEED = "validation"
_NO_HINTS = "needs a catalogue that is complete"
_NO_KEY = "needs oracles and a reference that agree"


def validate(assignment: Assignment, isolation: Isolation, tell: Callable[[str], None]) -> Iterator[Step]:
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
            yield Step(title, _NO_KEY if maths.key is None else _NO_HINTS, looked=False)
        return
    with Trials(assignment, maths.key, isolation) as trials:
        yield _full_marks(trials)
        yield _handout(trials)
        if catalogue is None:
            for title in ("known mistakes", "probes tell them apart"):
                yield Step(title, "there is no catalogue that can be used", looked=False)
            return
        graded = [probe.name for probe in maths.key.probes if probe.graded]
        try:
            made = mistakes.make_all(trials, tell)
        except AssignmentError as error:
            yield Step("known mistakes", "", (mistakes.unusable(assignment, error),))
            return
    yield mistakes.diagnosed(assignment, catalogue, made)
    yield mistakes.separated(catalogue, made, graded)


def _for_students(maths: Derivation) -> Iterator[Step]:
    """What is drawn is drawn anew for each seed, and students can check themselves."""
    if maths.key is None:
        for title in ("draws", "public trials", "self-check"):
            yield Step(title, _NO_KEY, looked=False)
        return
    yield derivation.draws(maths)
    yield practice.public_trials(maths.assignment, maths.key)
    yield practice.self_check(maths.assignment, _SEED, lambda error: unusable(maths, error))


def _full_marks(trials: Trials) -> Step:
    """The reference, handed in as a student would, gets all points."""
    assignment = trials.assignment
    path = assignment.reference / "solution.py"
    if assignment.specification.script:
        told = "the reference is a function of what is given, not a script that could be handed in"
        return Step("full marks", told, looked=False)
    report = trials.grade(path).report
    lost = [check for check in report.checks if check.points < check.out_of]
    place = definition(path, assignment.specification.entry_points)
    problems = tuple(
        Problem(place, f"the reference loses marks: {check.title}, {check.message}", report.message or "mend it")
        for check in lost
    )
    policy = tuple(
        Problem(place, f"the reference breaks the policy `{found.rule}`: {found.evidence}", "derive by hand")
        for found in report.policy
    )
    return Step("full marks", f"the reference, handed in: {report.score:g} of {report.out_of:g}", problems + policy)


def _handout(trials: Trials) -> Step:
    """The handout, handed in as it is, gets no points."""
    problems = []
    for name in texts.HANDOUTS:
        path = trials.assignment.folder / name
        if not path.is_file():
            if name == texts.HANDOUTS[0]:
                problems.append(Problem(Place(path), "there is no handout", "write the gaps that students fill"))
            continue
        try:
            problems += _not_asked_for(trials.assignment, path)
            report = trials.grade(path).report
        except SubmissionError as error:
            problems.append(Problem(Place(path), str(error).removeprefix(f"{path}: "), "mend the file"))
            continue
        for check in report.checks:
            if check.points:
                entries = [f"def {n}" for n in trials.assignment.specification.entry_points]
                place = line_with(path, *entries, "class ")
                what = f"the handout passes: {check.points:g} of {check.out_of:g} for `{check.id}`"
                problems.append(Problem(place, what, "leave a gap that does nothing"))
    return Step("handout", "handed in as it is, it gets no points", tuple(problems))


def _not_asked_for(assignment: Assignment, path: Path) -> Iterator[Problem]:
    """The entry points that a starter does not define: whoever fills it cannot hand it in."""
    for name in submission.undefined(submission.read(path), assignment):
        signature = assignment.specification.entry_points[name].signature
        yield Problem(Place(path), f"`{name}` is not defined, which assignment.yaml asks for", f"write `{signature}`")
