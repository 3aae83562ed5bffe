"""What students need to check themselves: trials that are public, and right numbers without the reference."""

from __future__ import annotations

from collections.abc import Callable

from grader.assignment import Assignment
from grader.key import builder
from grader.records import AnswerKey, Visibility
from grader.validation.finding import Flaw, Item
from grader.validation.places import definition

BY_MACHINE = "by_machine.py"


def self_check(assignment: Assignment, seed: str, blame: Callable[[Exception], Flaw]) -> Item:
    """An answer key can be built as on a student's computer.

    Args:
        blame: tells where the author must mend what an exception comes from.
    """
    path = assignment.folder / BY_MACHINE
    reported = any(check.rule.is_reported for check in assignment.specification.checks)
    if reported and not path.is_file():
        told = f"{BY_MACHINE} is missing: no handout can be made, and `grade check` does not work"
        return Item("self-check", told, looked=False)
    try:
        builder.build(assignment.model_copy(update={"practice": True}), seed)
    except Exception as error:
        return Item("self-check", "", (blame(error),))
    return Item("self-check", "students get right numbers without the reference")


def public_trials(assignment: Assignment, key: AnswerKey) -> Item:
    """Some graded probe is public: without one, students have nothing to check themselves on."""
    public = [probe for probe in key.probes if probe.visibility is Visibility.PUBLIC and probe.graded]
    told = f"{len(public)} of {sum(probe.graded for probe in key.probes)}"
    if public:
        return Item("public trials", told)
    if not (assignment.folder / BY_MACHINE).is_file():
        return Item("public trials", "there are none: students have nothing to check themselves on", looked=False)
    place = definition(assignment.folder / "exercise.py", ["probes"])
    what = "no probe is public, so that `grade check` has nothing to try"
    return Item("public trials", "", (Flaw(place, what, 'write `"public": True` in some probe'),))
