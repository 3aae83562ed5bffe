"""`grade show`, `decide`, `comment`, `resolve`, `undo` and `merge`: what people decide about reports."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from grader.cli.options import TEXT, Number, with_language
from grader.cli.output import bring_up_to_date, console, notify
from grader.cli.status import GRADED

if TYPE_CHECKING:
    from grader.decisions import Decision
    from grader.decisions.making import Maker
    from grader.report_folder import ReportFolder
    from grader.words import Words

REPORTS = click.option(
    "--reports",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder that `grade batch` wrote; by default this one, or the only one in it.",
)
WHO = click.option("--as", "who", type=TEXT, metavar="NAME", help="Who decides; by default GRADE_AS, or your account.")
WHY = click.option("--why", type=TEXT, default="", metavar="TEXT", help="The reason; students do not see it.")
STUDENT = click.argument("student", type=TEXT, metavar="STUDENT")


@click.command("show", short_help="Show one student's report, code and history.")
@STUDENT
@REPORTS
@with_language
def show_command(student: str, reports: Path | None, language: str) -> int:
    """Show the report of a student as it counts, the code, all attempts, and what was decided.

    STUDENT is a name, a number, a login, or the name of a file.
    """
    from grader.decisions.applying import decided
    from grader.decisions.making import told, with_state
    from grader.gradebook import remembered
    from grader.gradebook.applying import Agreements
    from grader.gradebook.finding import the_one
    from grader.reports import reading, show, terminal
    from grader.words import Words

    folder = the_folder(reports)
    roster = remembered(folder)
    name, _ = the_one(folder, roster, student)
    agreements = Agreements(folder, roster)
    report = agreements.applied(name, reading.read(folder.json / f"{name}.json"))
    screen = console()
    screen.print(show.code(folder.code(report.submission.sha256), language))
    screen.print(terminal.render(report, language=language, ascii_only=screen.options.ascii_only))
    standing = folder.standing()
    attempts = [(one, decided(one, folder.load(one) or {}, standing)) for one in agreements.attempts(name)]
    made = [d for one, _ in attempts for d in with_state(standing.history(one), standing)]
    words = Words(language)
    listed = [(d.when, d.who, words.say(told(d)), state, d.id) for d, state in made]
    screen.print(show.history(attempts, name, listed, language))
    for problem in agreements.problems:
        notify(words.say(problem))
    return GRADED


@click.command("decide", short_help="Give points for a check, or for all.")
@STUDENT
@click.argument("check", type=TEXT, metavar="CHECK|total")
@click.argument("points", type=Number(0), metavar="POINTS")
@WHY
@click.option("--above", is_flag=True, help="More points than there are, are meant.")
@REPORTS
@with_language
@WHO
def decide_command(
    student: str,
    check: str,
    points: float,
    why: str,
    above: bool,
    reports: Path | None,
    language: str,
    who: str | None,
) -> int:
    """Give a student POINTS for one check, or for the whole submission, whatever was measured.

    CHECK is the id of a check: a column of gradebook.csv. What was measured stays beside it.
    """
    from grader.words import Words

    words = Words(language)
    folder, name, data = _found(reports, student)
    _tell(_maker(folder, who).points(name, data, check, points, why=why, above=above), reports, words)
    bring_up_to_date(folder, words)
    return GRADED


@click.command("comment", short_help="Write a comment to a student.")
@STUDENT
@click.argument("text", type=TEXT, metavar="TEXT")
@REPORTS
@with_language
@WHO
def comment_command(student: str, text: str, reports: Path | None, language: str, who: str | None) -> int:
    """Write a comment, which the student reads on the page and in the feedback column."""
    from grader.decisions import What
    from grader.words import Words

    words = Words(language)
    folder, name, _ = _found(reports, student)
    _tell(_maker(folder, who).text(What.COMMENT, [name], text), reports, words)
    bring_up_to_date(folder, words)
    return GRADED


@click.command("resolve", short_help="Settle what the program could not.")
@STUDENT
@click.option("--main", type=TEXT, metavar="FILE", help="Of the files of the student, this one is the submission.")
@click.option("--score", type=Number(0), metavar="POINTS", help="Give so many points for the whole.")
@click.option("--name", type=TEXT, metavar="NAME", help="Whose it is: the full name.")
@click.option("--excuse", is_flag=True, help="The assignment does not count for the student.")
@WHY
@REPORTS
@with_language
@WHO
def resolve_command(
    student: str,
    main: str | None,
    score: float | None,
    name: str | None,
    excuse: bool,
    why: str,
    reports: Path | None,
    language: str,
    who: str | None,
) -> int:
    """Settle what the program could not: which file it is, what it is worth, whose it is, whether it counts.

    A file that is chosen is graded at once, from where the batch had found it.
    """
    from grader.cli.again import Again, grade_again
    from grader.decisions import What
    from grader.errors import ToldError
    from grader.report_folder import ReportFolder
    from grader.wire.facts import Fact
    from grader.words import Words

    if sum(option is not None for option in (main, score, name)) + excuse != 1:
        raise ToldError(Fact("usage: resolve"))
    folder, report, data = _found(reports, student)
    maker, words = _maker(folder, who), Words(language)
    if main is not None:
        here = ReportFolder(folder.path.absolute())

        def decide() -> None:
            _tell(_maker(here, who).text(What.MAIN, [report], main, why=why), reports, words)

        grade_again(Again(here, report, decide, main), language)
        _tell_score(folder, report, language)
    elif score is not None:
        _tell(maker.points(report, data, What.TOTAL, score, why=why), reports, words)
    elif name is not None:
        _tell(maker.text(What.NAME, [report], name, why=why), reports, words)
    else:
        _tell(maker.excuse(report, why=why), reports, words)
    bring_up_to_date(folder, words)
    return GRADED


@click.command("undo", short_help="Take back a decision.")
@click.argument("ids", nargs=-1, type=TEXT, metavar="[ID...]")
@REPORTS
@with_language
@WHO
def undo_command(ids: Sequence[str], reports: Path | None, language: str, who: str | None) -> int:
    """Take back the decisions with these ids, which `grade show` lists; without an id, your last one.

    What they had been made in place of counts again. Where that is another file, it is graded at once.
    """
    from grader.cli.again import Again, grade_again
    from grader.decisions import What
    from grader.errors import ToldError
    from grader.report_folder import ReportFolder
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    folder = ReportFolder(the_folder(reports).path.absolute())
    maker = _maker(folder, who)
    holding = folder.standing().holding
    if not ids:
        own = [d for d in holding if d.who == maker.who and d.what is not What.RELEASE]
        if not own:
            raise ToldError(Fact("undo: nothing", {"folder": str(folder.path), "who": maker.who}))
        ids = [own[-1].id]
    undone = [decision for decision in holding if decision.id in ids]

    def take_back() -> None:
        maker.undo(ids)
        for decision in undone:
            print(words("decided: undone", what=_line(decision, words)))

    files = [decision.student for decision in undone if decision.what is What.MAIN]
    for place, name in enumerate(files):
        grade_again(Again(folder, name, take_back if place == 0 else _nothing), language)
        _tell_score(folder, name, language)
    if not files:
        take_back()
    bring_up_to_date(folder, words)
    return GRADED


@click.command("merge", short_help="Add the decisions of another folder.")
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR|FILE...")
@REPORTS
@with_language
def merge_command(others: Sequence[Path], reports: Path | None, language: str) -> int:
    """Add the decisions, and the reports, of other folders on the same assignment and seed.

    Two assistants grade half a class each, or decide on the same one: nothing is lost, and nothing counts twice. Where
    they decided otherwise on one thing, that is told. A report that both have stays as it is here.
    """
    from grader.decisions import What
    from grader.gradebook import remembered
    from grader.gradebook.merging import merge_reports
    from grader.gradebook.rows import rows
    from grader.wire.facts import Fact
    from grader.words import Words

    words = Words(language)
    folder = the_folder(reports)
    for other in others:
        copied = merge_reports(folder, other) if other.is_dir() else []
        added = folder.log.merge(other / folder.log.path.name if other.is_dir() else other)
        print(words("merged", folder=str(other), decisions=len(added), reports=len(copied)))
        holding = {decision.id for decision in folder.standing().holding}
        for chosen in added:
            if chosen.what is What.MAIN and chosen.id in holding and chosen.student not in copied:
                command = shlex.join(["grade", "resolve", chosen.student, "--main", chosen.text])
                notify(
                    words("merged: main", name=chosen.student, file=chosen.text, command=f"{command}{named(reports)}")
                )
    problems: list[Fact] = []
    for _ in rows(folder, remembered(folder), problems):
        pass
    for problem in problems:
        notify(words.say(problem))
    bring_up_to_date(folder, words)
    return GRADED


def the_folder(given: Path | None) -> ReportFolder:
    """The folder of reports that is named; else the current one, or the only one in it.

    Raises:
        ToldError: there is none, or there are several.
    """
    from grader.errors import ToldError
    from grader.report_folder import ReportFolder
    from grader.wire.facts import Fact

    if given is None:
        here = Path()
        found = (
            [here] if (here / "batch.json").is_file() else [file.parent for file in sorted(here.glob("*/batch.json"))]
        )
        if len(found) != 1:
            raise ToldError(Fact("which-folder", {"found": tuple(map(str, found))}))
        given = found[0]
    folder = ReportFolder(given)
    folder.about()
    return folder


def _found(reports: Path | None, student: str) -> tuple[ReportFolder, str, dict[str, Any]]:
    from grader.gradebook import remembered
    from grader.gradebook.finding import the_one

    folder = the_folder(reports)
    name, data = the_one(folder, remembered(folder), student)
    return folder, name, data


def _maker(folder: ReportFolder, who: str | None) -> Maker:
    from grader.decisions.making import Maker, me

    return Maker(folder.log, who or me())


def _tell(decisions: Sequence[Decision], reports: Path | None, words: Words) -> None:
    for decision in decisions:
        command = f"grade undo {decision.id}{named(reports)}"
        print(words("decided: kept", what=_line(decision, words), command=command))


def named(reports: Path | None) -> str:
    """The option that names the folder, as it was named."""
    return "" if reports is None else f" --reports {shlex.quote(str(reports))}"


def _line(decision: Decision, words: Words) -> str:
    from grader.decisions.making import told
    from grader.reports.clean import name

    return words("decided: of", name=name(decision.student), what=name(words.say(told(decision))))


def _nothing() -> None:
    """It was decided before."""


def _tell_score(folder: ReportFolder, report: str, language: str) -> None:
    from grader.reports import reading, terminal

    data = folder.load(report)
    if data:
        console().print(terminal.summary(reading.from_data(data), language))
