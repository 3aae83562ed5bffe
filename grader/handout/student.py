"""What a student gets: statement, starter, given code and data, and the program; nothing of the reference."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.resources import files as resources
from pathlib import Path
from string import Template

from grader.assignment import Assignment
from grader.assignment.starter import starter
from grader.assignment.statement import statement
from grader.errors import AssignmentError
from grader.handout.wheel import contents, wheel, wheel_name

_NOT_HANDED_OUT = {
    "assignment.yaml",
    "by_machine.py",
    "formulas.py",
    "handout.py",
    "handout.ipynb",
    "README.md",
    "README.fr.md",
}
"""Of an assignment's folder, what is not copied as it is; what a check needs of it is in the wheel."""
_STATEMENTS = {"README.md": "start.md", "README.fr.md": "start.fr.md"}
_STARTERS = ("handout.py", "handout.ipynb")


def student_files(assignment: Assignment, *, github: bool) -> dict[str, bytes]:
    """Name and bytes of everything in the handout.

    Args:
        github: with a workflow that checks each push.

    Raises:
        AssignmentError: statement or starter are missing.
    """
    given = dict(contents(assignment.folder))
    told = assignment.specification
    if told.layers:
        given.setdefault("handout.py", starter(told.layers.values(), told.title, told.arrays).encode())
        given.setdefault("README.md", statement(told.title, told.layers).encode())
    missing = [name for name in ("README.md", "handout.py") if name not in given]
    if missing:
        raise AssignmentError(f"{assignment.folder / missing[0]}: no such file; a handout needs it")
    files: dict[str, bytes] = {}
    for name, start in _STATEMENTS.items():
        if name in given:
            files[name] = _filled(start, assignment).encode() + b"\n" + given[name]
    files |= {starter_name(assignment, name): given[name] for name in _STARTERS if name in given}
    files |= {name: data for name, data in given.items() if name not in _NOT_HANDED_OUT}
    files["requirements.txt"] = requirements().encode()
    files[wheel_name()] = wheel([assignment.folder])
    if github:
        starters = {starter_name(assignment, name): given[name] for name in _STARTERS if name in given}
        listed = "\n".join(f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in starters.items())
        files[".github/workflows/check.yml"] = _filled("check.yml", assignment).encode()
        files[".github/check.sh"] = _filled("check.sh", assignment).encode()
        files[".github/starters.sha256"] = f"{listed}\n".encode()
    return files


def starter_name(assignment: Assignment, name: str) -> str:
    """`handout.py` of `mynet` is handed out as `mynet.py`."""
    return f"{assignment.slug}{Path(name).suffix}"


def requirements() -> str:
    """What is installed here, to the version; builds for other processors have the same numbers."""
    pinned = [f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "numpy")]
    return "\n".join([f"./{wheel_name()}", *pinned, ""])


def _filled(name: str, assignment: Assignment) -> str:
    text = resources("grader.handout").joinpath("templates", name).read_text(encoding="utf-8")
    return Template(text).substitute(slug=assignment.slug, title=assignment.specification.title)
