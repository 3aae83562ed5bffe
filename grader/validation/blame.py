"""Tell an author which of her lines an error comes from, and what to write there instead."""

from __future__ import annotations

import traceback
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import About, AssignmentError, OracleDisagreement
from grader.validation.finding import Flaw, Location
from grader.validation.looked_at import Derivation
from grader.validation.places import definition, function, line_with, raised_in

_KEEP_GRAPH = "let `scalar` keep the graph: no `.detach()`, `.item()`, numpy or integers on the way"


def _own(assignment: Assignment, error: BaseException) -> Location | None:
    return raised_in(error, (assignment.folder, assignment.reference))


def disagreement(derivation: Derivation, error: OracleDisagreement) -> Flaw:
    """The scalar of the part in whose probe the oracles disagree."""
    place = definition(derivation.assignment.folder / "exercise.py", ["scalar"])
    part = derivation.part_of(error.probe) if error.probe else None
    remedy = "write a `scalar` that is smooth where the probes are, in operations that autograd differentiates"
    remedy = _KEEP_GRAPH if error.about is About.GRAPH else remedy
    return Flaw(function(part.scalar, place) if part else place, str(error), remedy)


def unusable(derivation: Derivation, error: Exception) -> Flaw:
    """What keeps an answer key from being built, at the line that raised, or that defines what is wrong."""
    assignment = derivation.assignment
    if isinstance(error, AssignmentError):
        return _told(derivation, error)
    text, own = str(error), _own(assignment, error)
    exercise = assignment.folder / "exercise.py"
    if isinstance(error, RuntimeError) and _GRAPH_IS_CUT in text:
        return Flaw(own or line_with(exercise, "def scalar", "def formula"), text, _KEEP_GRAPH)
    what = f"{type(error).__name__}: {text}"
    return Flaw(own, what, "mend the line") if own else _beyond(assignment, error, what)


_GRAPH_IS_CUT = "does not require grad"
"""What PyTorch says, which has no type of its own for this."""


def _told(derivation: Derivation, error: AssignmentError) -> Flaw:
    """An error of this program, which tells its place, or else is about what the exercise declares."""
    assignment, place = derivation.assignment, _own(derivation.assignment, error)
    exercise = assignment.folder / "exercise.py"
    if error.about is About.REFERENCE and error.file == assignment.reference / "solution.py":
        place = definition(error.file, _needs(derivation, error.probe))
        return Flaw(place, f"the reference {error.what}", "mend the derivation")
    if error.about is About.PROBES:
        place = definition(exercise, ["probes"])
    elif error.file:
        place = Location(error.file, error.line) if error.line else place or Location(error.file)
    remedy = error.remedy or "mend what the message says"
    return Flaw(place or line_with(exercise, "def quantities", "FunctionPart("), error.what, remedy)


def _beyond(assignment: Assignment, error: Exception, what: str) -> Flaw:
    """What was raised outside of the author's files, on what they define: by which of them it was called."""
    exercise, solution = assignment.folder / "exercise.py", assignment.reference / "solution.py"
    frames = traceback.extract_tb(error.__traceback__)
    told = f"{what} (raised in {Path(frames[-1].filename).name}, on what is defined here)" if frames else what
    if isinstance(error, NotImplementedError):
        place = definition(solution, assignment.specification.entry_points)
        return Flaw(place, told, "spell the methods that are called as they must be: `forward`, `backward`")
    if isinstance(error, TypeError) and "probes()" in what:
        return Flaw(definition(exercise, ["probes"]), what, "write `def probes(rng):`")
    if isinstance(error, KeyError):
        remedy = f"give an input named {error}, or spell it so, where the probe or the part names it"
        return Flaw(definition(exercise, ["probes"]), f"there is no {error} ({told})", remedy)
    return Flaw(definition(exercise, ["probes"]), told, "mend what the probes give, or the part that they name")


def _needs(derivation: Derivation, probe: str) -> list[str]:
    """The entry points of the part in whose probe something is wrong: all of them where it does not say."""
    part = derivation.part_of(probe)
    if part is None or part.needs is None:
        return list(derivation.assignment.specification.entry_points)
    return list(part.needs)
