"""All commands: the one place that prints and exits."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

import rich_click as click
from click.exceptions import Abort

from grader.cli.assignments import catalogue_command, list_command
from grader.cli.batch import batch_command
from grader.cli.check import check_command
from grader.cli.cool_down import cool_down_command
from grader.cli.decide import (
    comment_command,
    decide_command,
    merge_command,
    resolve_command,
    show_command,
    undo_command,
)
from grader.cli.desk import desk_command
from grader.cli.doctor import doctor_command
from grader.cli.file import file_command
from grader.cli.gradebook import gradebook_command
from grader.cli.handout import handout_command
from grader.cli.late import late_command, points_command
from grader.cli.misuse import command_of, language_of, misuse
from grader.cli.new import new_command
from grader.cli.options import of_the_locale
from grader.cli.output import notify, replace_what_cannot_be_printed, shortened, telling
from grader.cli.pages import class_command, report_command
from grader.cli.release import release_command
from grader.cli.similar import similar_command
from grader.cli.status import FAULT, GRADED, INTERRUPTED, UNUSABLE
from grader.cli.validate import validate_command


def _see_that_no_option_is_a_file(arguments: Sequence[str]) -> None:
    """`grade batch *` in a folder of strangers' files: one of them may be called `--course=elsewhere`.

    Raises:
        ToldError: an argument is both an option and the name of a file.
    """
    from grader.errors import ToldError
    from grader.wire.facts import Fact

    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for option in options:
        if option.startswith("-") and option != "-" and os.path.lexists(option):
            raise ToldError(Fact("usage: option-and-file", {"option": option}))


class _Commands(click.RichGroup):
    """`grade FILE` is short for `grade file FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _see_that_no_option_is_a_file(args)
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help", "--version"):
            _see_that_it_may_be_a_file(args[0], self.commands)
            args.insert(0, "file")
        return super().parse_args(ctx, args)


def _see_that_it_may_be_a_file(word: str, commands: Iterable[str]) -> None:
    """A word that is no option, no file and does not look like one is a command that is misspelt.

    Raises:
        ToldError: it is.
    """
    from difflib import get_close_matches

    from grader.errors import ToldError
    from grader.wire.facts import Fact

    if word.startswith("-") or Path(word).suffix in (".py", ".ipynb") or os.path.lexists(word):
        return
    near = get_close_matches(word, commands, 1)
    raise ToldError(Fact("usage: no-command", {"word": word, "near": near[0] if near else ""}))


@click.group(
    cls=_Commands,
    subcommand_metavar="FILE | COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="backprop-grader", message="%(package)s %(version)s")
def grade() -> None:
    """Grade backpropagation that students wrote by hand.

    `grade submissions/alice.py` runs a submission in a process of its own, compares every gradient with three
    independent oracles, and prints a report; `grade file --help` tells its options.

    Exit status: 0 graded; 1 graded, and below --fail-under; 2 the command line, the assignment or the file is unusable;
    3 the grader itself failed.
    """


_COMMANDS = (
    file_command,
    check_command,
    batch_command,
    gradebook_command,
    report_command,
    class_command,
    desk_command,
    show_command,
    decide_command,
    comment_command,
    resolve_command,
    undo_command,
    merge_command,
    late_command,
    points_command,
    release_command,
    similar_command,
    handout_command,
    list_command,
    catalogue_command,
    new_command,
    validate_command,
    doctor_command,
    cool_down_command,
)
for command in _COMMANDS:
    grade.add_command(command)


def _is_named(error: OSError, arguments: Iterable[str]) -> bool:
    """Whether it is about a path that the command line names, or about something in it."""
    if not isinstance(error.filename, str | os.PathLike):
        return False
    path = os.fspath(error.filename)
    given = {part for argument in arguments for part in (argument, argument.partition("=")[2]) if part}
    return path in given or any(path.startswith(f"{part}{os.sep}") for part in given)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    from grader.errors import GraderError, GraderFault, of_system, told_in
    from grader.wire.facts import Fact

    given = list(sys.argv[1:] if arguments is None else arguments)
    language = language_of(given, of_the_locale())
    tell = telling(language)
    replace_what_cannot_be_printed()
    try:
        with told_in(language):
            status = grade.main(arguments, prog_name="grade", standalone_mode=False)
    except click.ClickException as error:
        tell(Fact("usage: help", {"what": misuse(error), "command": command_of(error)}))
        status = UNUSABLE
    except Abort:
        status = INTERRUPTED
    except GraderFault as fault:
        tell(Fact("fault", {"text": str(fault)}))
        status = FAULT
    except GraderError as error:
        notify(str(error))
        status = UNUSABLE
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = GRADED
    except OSError as error:
        if _is_named(error, given):
            tell(Fact("cannot-be-used", {"file": shortened(os.fspath(error.filename)), "why": of_system(error)}))
            sys.exit(UNUSABLE)
        tell(Fact("cannot-print", {"file": str(error.filename or ""), "why": of_system(error)}))
        status = FAULT
    except Exception:
        tell(Fact("fault-to-report", {"text": traceback.format_exc()}))
        status = FAULT
    sys.exit(status)
