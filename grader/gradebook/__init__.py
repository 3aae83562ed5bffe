"""Tables of the reports of a class: for people, and as learning management systems import them."""

from __future__ import annotations

from pathlib import Path

from grader.errors import GraderError
from grader.gradebook import canvas, moodle, plain
from grader.gradebook.roster import Roster, read_roster
from grader.gradebook.rows import Row, rows
from grader.report_folder import ReportFolder, write_whole
from grader.reports import gradescope, json_report, reading

__all__ = ["Row", "write"]


def write(
    folder: ReportFolder,
    form: str = "csv",
    roster_file: Path | None = None,
    template: Path | None = None,
    column: str = "",
) -> tuple[Path, list[str]]:
    """Write a table into the folder of the reports; where it is, and what a person should know about it.

    Args:
        form: `csv`, `canvas`, `moodle`, `moodle-worksheet` or `gradescope`.
        template: the table that the system exported; needed for `moodle-worksheet`, better for `canvas`.
        column: of the template for `canvas` that is meant, where it has not the title of the assignment.

    Raises:
        GraderError: the roster or the template cannot be used, says where; or the table cannot be written.
    """
    title = folder.about()["title"]
    roster = read_roster(roster_file) if roster_file else Roster()
    problems: list[str] = []
    if template and form not in ("canvas", "moodle-worksheet"):
        raise GraderError(f"--template is for the formats canvas and moodle-worksheet, not {form}")
    if column and not (template and form == "canvas"):
        raise GraderError("--column names a column of the --template for the format canvas")
    found = rows(folder, roster, problems)
    path = folder.path / ("gradebook.csv" if form == "csv" else f"{form}.csv")
    try:
        match form:
            case "csv":
                write_whole(path, plain.table(found), encoding="utf-8-sig")
            case "canvas":
                write_whole(path, canvas.table(title, found, template, problems, column))
            case "moodle":
                write_whole(path, moodle.import_table(found, problems))
            case "moodle-worksheet":
                if template is None:
                    raise GraderError("moodle-worksheet needs --template FILE: the grading worksheet from Moodle")
                write_whole(path, moodle.worksheet(found, template, problems))
            case _:
                path = folder.path / "gradescope"
                path.mkdir(exist_ok=True)
                for row in found:
                    text = json_report.dump(gradescope.as_results(reading.from_data(row.data), row.score))
                    write_whole(path / f"{row.name}.json", text)
    except OSError as error:
        raise GraderError(f"{error.filename or path}: cannot be written: {error.strerror}") from error
    problems += [f"{roster_file}:{entry.line}: {entry.title} has no report" for entry in roster.unmatched()]
    return path, problems
