"""Tables of the reports of a class: for people, and as learning management systems import them."""

from __future__ import annotations

from pathlib import Path

from grader.errors import ToldError, not_written
from grader.gradebook import canvas, moodle, plain
from grader.gradebook.keeping import is_as_written, write_table
from grader.gradebook.roster import Roster, read_roster
from grader.gradebook.rows import Row, for_systems, rows
from grader.report_folder import TABLE, ReportFolder, write_whole
from grader.reports import gradescope, json_report, reading
from grader.wire.facts import Fact

__all__ = ["Row", "remembered", "renew", "write"]


def remembered(folder: ReportFolder, roster_file: Path | None = None) -> Roster:
    """The roster of a folder: the one that is given, which the folder then keeps, or the one that it has.

    Raises:
        GraderError: it cannot be used, or none of its students has a report; then the folder keeps what it had.
    """
    if roster_file is None:
        return read_roster(folder.roster) if folder.roster else Roster()
    roster = read_roster(roster_file)
    if roster.entries:
        list(rows(folder, roster, []))
        if not any(entry.seen for entry in roster.entries):
            told = {"file": str(roster_file), "folder": str(folder.path)}
            raise ToldError(Fact("roster: nobody", {**told, "n": len(roster.entries)}))
    if folder.roster is None or not folder.roster.samefile(roster_file):
        folder.keep_roster(roster_file.read_text(encoding="utf-8-sig"))
    return roster


def renew(folder: ReportFolder) -> None:
    """Write `gradebook.csv` anew where reports, roster or decisions may be newer, and nobody changed it.

    Raises:
        GraderError: the roster cannot be used, or the table cannot be written.
    """
    if folder.may_be_outdated(TABLE) and is_as_written(folder):
        write(folder)


def write(
    folder: ReportFolder,
    form: str = "csv",
    roster_file: Path | None = None,
    template: Path | None = None,
    column: str = "",
    language: str = "en",
) -> tuple[Path, list[Fact]]:
    """Write a table into the folder of the reports; where it is, and what a person should know about it.

    Args:
        form: `csv`, `canvas`, `moodle`, `moodle-worksheet` or `gradescope`.
        template: the table that the system exported; needed for `moodle-worksheet`, better for `canvas`.
        column: of the template for `canvas` that is meant, where it has not the title of the assignment.
        language: of what students read in it.

    Raises:
        GraderError: the roster or the template cannot be used, says where; or the table cannot be written.
    """
    title = folder.about()["title"]
    problems: list[Fact] = []
    if template and form not in ("canvas", "moodle-worksheet"):
        raise ToldError(Fact("usage: template", {"form": form}))
    if column and not (template and form == "canvas"):
        raise ToldError(Fact("usage: column"))
    roster = remembered(folder, roster_file)
    found = rows(folder, roster, problems)
    told = for_systems(found)
    path = folder.path / (TABLE if form == "csv" else f"{form}.csv")
    if template and path.exists() and path.samefile(template):
        raise ToldError(Fact("template: written-over", {"file": str(path)}))
    try:
        match form:
            case "csv":
                write_table(folder, plain.table(found))
            case "canvas":
                write_whole(path, canvas.table(title, told, template, problems, column))
            case "moodle":
                write_whole(path, moodle.import_table(told, problems, language))
            case "moodle-worksheet":
                if template is None:
                    raise ToldError(Fact("template: moodle-needs-worksheet"))
                write_whole(path, moodle.worksheet(told, template, problems, language))
            case _:
                path = folder.path / "gradescope"
                path.mkdir(exist_ok=True)
                for row in told:
                    text = json_report.dump(gradescope.as_results(reading.from_data(row.data), row.score, language))
                    write_whole(path / f"{row.name}.json", text)
    except OSError as error:
        raise not_written(path, error) from error
    place = roster_file or folder.roster
    absent = [(f"{place}:{entry.line}", entry.title) for entry in roster.unmatched()]
    problems += [Fact("roster: no-report", {"place": at, "who": who}) for at, who in absent]
    return path, problems
