"""The autograder for Gradescope, as the archive that an instructor uploads. It holds reference and seed."""

from __future__ import annotations

import json
from importlib.resources import files as resources
from string import Template

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.handout.student import requirements
from grader.handout.wheel import contents, wheel, wheel_name

SCRIPTS = ("setup.sh", "run_autograder")


def autograder_files(assignment: Assignment, seed: str) -> dict[str, bytes]:
    """Name and bytes of everything in the archive.

    The container is the instructor's: the program runs there as root, and a submission in the sandbox, which cannot
    read the folder of the autograder.

    Raises:
        AssignmentError: there is no reference to grade by.
    """
    if not assignment.can_be_graded:
        raise AssignmentError(
            f"{assignment.reference / 'solution.py'}: no such file; an autograder needs the reference"
        )
    files = {name: _script(name) for name in SCRIPTS}
    files["requirements.txt"] = requirements().encode()
    files[wheel_name()] = wheel([])
    files["autograder.json"] = json.dumps({"assignment": assignment.slug, "seed": seed}, indent=2).encode() + b"\n"
    for kind, folder in (("assignments", assignment.folder), ("reference", assignment.reference)):
        files |= {f"course/{kind}/{assignment.slug}/{name}": data for name, data in contents(folder)}
    return files


def _script(name: str) -> bytes:
    text = resources("grader.handout").joinpath("templates", name).read_text(encoding="utf-8")
    return Template(text).substitute().encode()
