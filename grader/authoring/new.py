"""Write the two folders of a new exercise.

The template is a whole exercise, `template-exercise`, of files as they are written: what is created differs from it in
names only, and passes validation as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.assignment import slugs
from grader.authoring.layers import write_layer
from grader.authoring.notebook import as_notebook
from grader.course import find_course
from grader.errors import AssignmentError

TEMPLATE = Path(__file__).with_name("template")
_SLUG, _CLASS = "template-exercise", "TemplateExercise"
_GOOD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new(course: Path, slug: str, calls: Sequence[str] = (), like: str = "") -> list[Path]:
    """Write `assignments/<slug>` and `reference/<slug>` in a course; the files that were written.

    Args:
        calls: of a layer, which is declared then; without any, the exercise is the template.
        like: an exercise of declared layers, in this course or that of the program, whose files are taken.

    Raises:
        AssignmentError: the name cannot be one, there is something of that name, or the calls cannot be used; nothing
            is written then.
    """
    if not _GOOD.fullmatch(slug) or len(slug) > 40:
        raise AssignmentError(
            f"`{slug}` cannot be the name of an exercise; use small letters, digits and `-` between them, at most 40,"
            " the first one a letter: `leaky-relu`"
        )
    if slug == "all":
        raise AssignmentError("`all` cannot be the name of an exercise: `grade validate all` means all of them")
    for folder in (course / "assignments" / slug, course / "reference" / slug):
        if folder.exists():
            raise AssignmentError(f"{folder}: is there already; known are {', '.join(slugs(course)) or 'none'}")
    if like:
        return list(_copied(course, slug, like))
    if calls:
        return list(write_layer(course / "assignments" / slug, slug, calls))
    return list(_write(course, slug))


def _copied(course: Path, slug: str, like: str) -> Iterator[Path]:
    """The files of an exercise of declared layers, under another name.

    Raises:
        AssignmentError: there is no such exercise, or no layers are declared in it.
    """
    courses = dict.fromkeys((course, find_course()))
    known = {name: place / "assignments" / name for place in reversed(courses) for name in slugs(place)}
    declared = {name: folder for name, folder in known.items() if (folder / "formulas.py").is_file()}
    if like not in declared:
        raise AssignmentError(
            f"`{like}` is no exercise of declared layers; known are {', '.join(sorted(declared)) or 'none'}"
        )
    for source in sorted(path for path in declared[like].rglob("*") if path.is_file() and path.suffix != ".pyc"):
        path = course / "assignments" / slug / source.relative_to(declared[like])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read_bytes())
        yield path


def class_name(slug: str) -> str:
    """`LeakyRelu` for `leaky-relu`."""
    return "".join(word.capitalize() for word in slug.split("-"))


def _write(course: Path, slug: str) -> Iterator[Path]:
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        text = source.read_text(encoding="utf-8").replace(_SLUG, slug).replace(_CLASS, class_name(slug))
        path = course / str(source.relative_to(TEMPLATE)).replace(_SLUG, slug)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path
        if path.name == "handout.py":
            book = path.with_suffix(".ipynb")
            book.write_text(as_notebook(text, slug), encoding="utf-8")
            yield book
