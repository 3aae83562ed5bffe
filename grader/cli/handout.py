"""`grade handout`."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

import rich_click as click

from grader.cli.options import COURSE, TEXT, with_language
from grader.cli.output import console, telling
from grader.cli.status import GRADED

_OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")


@click.command("handout", short_help="Make what students get, or an autograder for Gradescope.")
@click.argument("slug")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR|ZIP", help="A new folder, or a .zip."
)
@click.option("--github", is_flag=True, help="With a workflow for GitHub Actions that checks each push.")
@click.option("--gradescope", is_flag=True, help="Instead the autograder for Gradescope: not for students.")
@click.option(
    "--seed", type=TEXT, metavar="TEXT", help="For --gradescope: draws the probes; by default a secret new one."
)
@COURSE
@with_language
def handout_command(
    slug: str, out: Path, github: bool, gradescope: bool, seed: str | None, course: Path | None, language: str
) -> int:
    """Make what a student gets for an assignment: statement, starter, given code and data, and the program.

    Nothing of the reference and no seed is in it. With --gradescope, make the archive for "Configure Autograder"
    instead: it holds both, and is the instructor's alone.
    """
    from grader.assignment import load
    from grader.course import find_course
    from grader.errors import ToldError, not_written
    from grader.handout.gradescope import SCRIPTS, autograder_files
    from grader.handout.student import student_files
    from grader.wire.facts import Fact
    from grader.words import Words

    if github and gradescope:
        raise ToldError(Fact("usage: github"))
    if out.suffix in _OTHER_ARCHIVES:
        raise ToldError(Fact("usage: archive", {"suffix": out.suffix}))
    if seed and not gradescope:
        raise ToldError(Fact("usage: seed"))
    root = find_course(course)
    assignment = load(root, slug)
    if gradescope:
        files = autograder_files(assignment, seed or secrets.token_hex(16))
    else:
        _see_that_students_can_check(slug, root, language)
        files = student_files(assignment, github=github)
    try:
        _write(out, files, SCRIPTS if gradescope else ())
    except OSError as error:
        raise not_written(out, error) from error
    console().print(Words(language)("handout: written", out=str(out), n=len(files)), highlight=False)
    return GRADED


def _see_that_students_can_check(slug: str, course: Path, language: str) -> None:
    """Build a key as a student's computer will.

    Raises:
        AssignmentError: it cannot be built without the reference.
    """
    from grader.assignment import load
    from grader.key.obtaining import obtain_key

    obtain_key(load(course, slug, practice=True), "handout", telling(language))


def _write(out: Path, files: dict[str, bytes], runs: tuple[str, ...]) -> None:
    """A folder or a zip archive, whole or not at all; a folder that has something in it is not touched.

    It may hold answers: nobody else can open it.

    Raises:
        GraderError: it is there already.
        OSError: it cannot be written.
    """
    from grader.errors import ToldError
    from grader.handout.wheel import archive
    from grader.private import opener
    from grader.wire.facts import Fact

    if out.suffix == ".zip":
        with open(out, "wb", opener=opener) as file:
            file.write(archive(files, runs))
        return
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ToldError(Fact("handout: is-there", {"folder": str(out)}))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".handout-") as made:
        for name, data in files.items():
            path = Path(made, "files", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if name in runs:
                path.chmod(0o755)
        Path(made, "files").chmod(0o700)
        if out.exists():
            out.rmdir()
        shutil.move(Path(made, "files"), out)
