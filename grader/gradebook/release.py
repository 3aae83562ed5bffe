"""What goes back to students: a page for each, in the form in which a system takes it; and a record of what was shown.

    moodle      feedback.zip: the assignment, "Upload multiple feedback files in a zip"
    canvas      feedback.zip: the assignment, "Upload Submissions"; each file becomes a comment
    gradescope  a results.json for each submission
    mail        a folder of pages, and mail.csv with an address, the points and two sentences for each

Moodle reads `NAME_PARTICIPANT_assignfeedback_file_FILE` (mod/assign/feedback/file/importziplib.php), Canvas the two
numbers of the names that it exported (app/models/abstract_assignment.rb, `infer_comment_context_from_filename`).
"""

from __future__ import annotations

import hashlib
import io
import re
import shlex
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from grader.decisions import Decision, What
from grader.decisions.checking import OF_DECISIONS
from grader.decisions.making import Maker
from grader.errors import ToldError, file_of, of_system
from grader.gradebook.applying import Agreements
from grader.gradebook.cells import defused, lines, number
from grader.gradebook.feedback import feedback
from grader.gradebook.roster import Roster
from grader.gradebook.rows import Row, for_systems, rows, without_score
from grader.intake.naming import folded, from_file_name
from grader.intake.systems import canvas, moodle
from grader.report_folder import ReportFolder, write_whole
from grader.reports import gradescope, json_report, reading
from grader.reports.html.page import student_page
from grader.wire.facts import Fact

_PAGE = "feedback.html"
_EPOCH = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Released:
    """Where it went, to how many, and what a person should know about it."""

    path: Path
    count: int
    problems: tuple[Fact, ...]


@dataclass(frozen=True)
class _Piece:
    row: Row
    name: str
    text: str


def release(folder: ReportFolder, roster: Roster, form: str, maker: Maker, language: str = "en") -> Released:
    """Write what goes back to students, and record it.

    A student without a score is left out, and told. Nothing goes out while a decision is not clear.

    Raises:
        ToldError: a line of the decisions cannot be read, two contradict each other, there is nobody to return
            anything to, or nothing can be written.
    """
    problems: list[Fact] = []
    found = list(rows(folder, roster, problems))
    unclear = [fact for fact in problems if fact.kind.startswith(OF_DECISIONS)]
    if unclear:
        raise ToldError(Fact("returned: nothing", {"problems": tuple(unclear)}))
    agreements = Agreements.of_rows(found, folder.standing())
    ready = []
    for row in for_systems(found):
        if row.entry.excused:
            continue
        if row.score is None:
            problems.append(without_score(row))
        else:
            ready.append(row)
    pieces = list(_pieces(folder, ready, form, agreements, problems, language))
    if not pieces:
        raise ToldError(Fact("returned: nobody", {"n": len(ready), "some": bool(ready), "system": form.capitalize()}))
    without = sum(not piece.row.entry.known.get("email") for piece in pieces)
    if form == "mail" and without:
        problems.append(Fact("mail: no-address", {"n": without, "folder": shlex.quote(str(folder.path))}))
    path = _written(folder.path / "return", form, pieces, language)
    maker.all([_record(piece, form) for piece in pieces])
    return Released(path, len(pieces), tuple(problems))


def _pieces(
    folder: ReportFolder,
    ready: Iterable[Row],
    form: str,
    agreements: Agreements,
    problems: list[Fact],
    language: str,
) -> Iterable[_Piece]:
    taken: set[str] = set()
    for row in ready:
        report = agreements.applied(row.name, reading.from_data(folder.load(row.name) or {}))
        name = _NAMES[form](row)
        if not name or name in taken:
            problems.append(Fact("left-out: no-owner", {"name": row.name, "system": form.capitalize()}))
            continue
        taken.add(name)
        if form == "gradescope":
            shown = reading.from_data(row.data)
            text = json_report.dump(gradescope.as_results(shown, row.score, language))
        else:
            text = student_page(report, for_students=True, language=language)
        yield _Piece(row, name, text)


def _moodle_name(row: Row) -> str:
    """`Jane Roe_12_assignfeedback_file_feedback.html`; the number is that of the participant, as Moodle exported it."""
    claims = (moodle.parse(part) for part in PurePath(str(row.submission["file"])).parts)
    if not row.student_id or row.student_id not in {claim.student.id for claim in claims if claim}:
        return ""
    plain = re.sub(r'[_/\\:*?"<>|.~\x00-\x1f]+', " ", row.student).strip() or "student"
    return f"{plain[:100]}_{row.student_id}_assignfeedback_file_{_PAGE}"


def _canvas_name(row: Row) -> str:
    """The name that Canvas had exported, up to the number of the file.

    It is that of the entry by which the report is named: names further in, as in an archive, are the student's, who may
    write any number there. Two entries that claim one identity go by their whole names.
    """
    key = folded(from_file_name(row.name)[0])
    for part in PurePath(str(row.submission["file"])).parts:
        claim = canvas.parse(part)
        if claim and claim.file and (folded(claim.student.key) == key or key.startswith(f"{folded(part)} (")):
            return f"{part[: len(part) - len(claim.original)]}{_PAGE}"
    return ""


_NAMES: dict[str, Callable[[Row], str]] = {
    "moodle": _moodle_name,
    "canvas": _canvas_name,
    "gradescope": lambda row: f"{row.name}.json",
    "mail": lambda row: f"{row.name}.html",
}


def _written(place: Path, form: str, pieces: Sequence[_Piece], language: str) -> Path:
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        if form in ("moodle", "canvas"):
            path = place / f"{form}-feedback.zip"
            write_whole(path, _archive(pieces))
            return path
        path = place / form
        path.mkdir(mode=0o700, exist_ok=True)
        for piece in pieces:
            write_whole(path / piece.name, piece.text)
        if form == "mail":
            write_whole(path / "mail.csv", lines(_letters(pieces, language)), encoding="utf-8-sig")
    except OSError as error:
        told = file_of(error, place)
        raise ToldError(Fact("returned: not-written", {"file": told, "why": of_system(error)})) from error
    return path


def _archive(pieces: Sequence[_Piece]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for piece in pieces:
            archive.writestr(zipfile.ZipInfo(piece.name, _EPOCH), piece.text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _letters(pieces: Sequence[_Piece], language: str) -> Iterable[list[str]]:
    yield ["name", "email", "points", "out of", "file", "feedback"]
    for piece in pieces:
        row = piece.row
        cells = [
            row.student,
            row.entry.known.get("email", ""),
            number(row.score),
            number(row.data["out_of"]),
            piece.name,
        ]
        yield [defused(cell) for cell in [*cells, feedback(row, language)]]


def _record(piece: _Piece, form: str) -> Decision:
    digest = hashlib.sha256(piece.text.encode()).hexdigest()
    row = piece.row
    return Decision(
        "", "", What.RELEASE, row.name, points=row.score, out_of=row.data["out_of"], file=row.submission["sha256"],
        text=f"{form} {digest[:16]}",
    )  # fmt: skip
