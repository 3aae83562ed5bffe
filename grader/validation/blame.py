"""Tell an author which of her lines an error comes from, and what to write there instead."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import AssignmentError, OracleDisagreement
from grader.validation.finding import Flaw, Location
from grader.validation.looked_at import Derivation
from grader.validation.places import definition, function, line_with, raised_in

_NO_GRAPH = ("does not require grad", "autograd does not see")
_KEEP_GRAPH = "let `scalar` keep the graph: no `.detach()`, `.item()`, numpy or integers on the way"


def _own(assignment: Assignment, error: BaseException) -> Location | None:
    return raised_in(error, (assignment.folder, assignment.reference))


def disagreement(derivation: Derivation, error: OracleDisagreement) -> Flaw:
    """The scalar of the part whose probe the message names."""
    found = re.match(r"probe `([^`]*)`", str(error))
    place = definition(derivation.assignment.folder / "exercise.py", ["scalar"])
    part = derivation.part_of(found[1]) if found else None
    remedy = "write a `scalar` that is smooth where the probes are, in operations that autograd differentiates"
    if any(words in str(error) for words in _NO_GRAPH):
        remedy = _KEEP_GRAPH
    return Flaw(function(part.scalar, place) if part else place, str(error), remedy)


def unusable(derivation: Derivation, error: Exception) -> Flaw:
    """What keeps an answer key from being built, at the line that raised, or that defines what is wrong."""
    assignment = derivation.assignment
    text = str(error)
    wrong = re.match(r"(\S+)/(solution|by_machine)\.py: is wrong at (.*)", text, re.DOTALL)
    if wrong and wrong[2] == "solution":
        solution = assignment.reference / "solution.py"
        place = definition(solution, _needs(derivation, wrong[3]))
        return Flaw(place, f"the reference is wrong at {wrong[3]}", "mend the derivation")
    if isinstance(error, AssignmentError):
        return _told(assignment, error)
    own = _own(assignment, error)
    exercise = assignment.folder / "exercise.py"
    if any(words in text for words in _NO_GRAPH):
        return Flaw(own or line_with(exercise, "def scalar", "def formula"), text, _KEEP_GRAPH)
    what = f"{type(error).__name__}: {text}"
    return Flaw(own, what, "mend the line") if own else _beyond(assignment, error, what)


_PLACED = re.compile(r"(\S[^:\n]*\.(?:py|yaml)):(?:(\d+):)? ")


def _told(assignment: Assignment, error: AssignmentError) -> Flaw:
    """A message that may begin with its place; else it is about what the exercise declares."""
    text = str(error)
    exercise = assignment.folder / "exercise.py"
    placed = _PLACED.match(text)
    place = _own(assignment, error)
    if placed:
        file, line = Path(placed[1]), int(placed[2] or 0)
        text = text[placed.end() :]
        place = Location(file, line) if line else place or Location(file)
        if file == exercise and not line and "probe " in text[:8]:
            place = definition(exercise, ["probes"])
    if "counts for the check" in text:
        words, _, known = text.partition("; known are ")
        return Flaw(
            place or line_with(exercise, "def quantities", "FunctionPart("),
            words,
            f"write one of {known}, or add the check to assignment.yaml",
        )
    what, mark, known = re.match(r"(.*?)(?:; (known are|there is) (.*))?$", text, re.DOTALL).groups()  # type: ignore[union-attr]
    remedy = f"{mark} {known}" if mark else "mend what the message says"
    if "which assignment.yaml asks for" in what:
        remedy = "define it under this name, or mend the name in assignment.yaml"
    return Flaw(place or line_with(exercise, "def quantities"), what, remedy)


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


def _needs(derivation: Derivation, place: str) -> list[str]:
    """The entry points of the part in whose probe something is wrong: all of them where it does not say."""
    names = [probe for probe in derivation.drawn() if place.startswith(f"{probe},")]
    part = derivation.part_of(max(names, key=len)) if names else None
    if part is None or part.needs is None:
        return list(derivation.assignment.specification.entry_points)
    return list(part.needs)
