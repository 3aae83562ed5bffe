"""Grade what a class handed in. It may be ended at any moment, and goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from grader.assignment import Assignment
from grader.batch.workers import Bench, Workers
from grader.decisions import What
from grader.decisions.applying import decided
from grader.errors import GraderFault, NotClear, SubmissionError, ToldError
from grader.grading.reporting import not_graded
from grader.intake.choosing import choose, see_that_it_belongs
from grader.intake.finding import HandIn
from grader.intake.naming import ReportNames, folded
from grader.key import answer_key
from grader.records import WITHOUT_SCORE, Action, Outcome, Remark, Report, SubmissionId
from grader.report_folder import ReportFolder
from grader.report_folder.mains import Mains
from grader.reports import json_report, reading
from grader.reports.next_steps import ToLookAt
from grader.submission import Submission
from grader.wire.facts import Fact

_INPUTS = "inputs"
"""The entry of a report's `versions` that is a digest of all that the report depends on."""
_ALSO, _OPEN, _IN_ARCHIVE = "also-handed-in", "whose-is-open", "in-an-archive"
"""The kinds of remarks that are on what a student handed in, and not on the bytes that were graded."""
_FAULTS_IN_A_ROW = 8
_SETTLES = (What.POINTS, What.TOTAL, What.COMMENT, What.EXCUSE)
"""Decisions after which nobody need look any more."""
_NAMED = 10


@dataclass
class Tally:
    """What the summary tells; its size does not depend on how many submissions there are."""

    title: str = ""
    out_of: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    scores: Counter[float] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    graded: int = 0
    kept: int = 0
    same: int = 0
    interrupted: bool = False
    need_attention: int = 0
    """How many have no score, or evidence at which a person is asked to look."""
    attention: list[ToLookAt] = field(default_factory=list)
    """The first of them."""
    late: int = 0
    """How many the system marked as late."""

    @property
    def total(self) -> int:
        """How many reports there are."""
        return self.outcomes.total()

    def add(self, name: str, data: dict[str, Any], *, is_settled: bool = False) -> None:
        """Count a report. One that a person must look at has no score; `is_settled`: a person has decided on it."""
        self.outcomes[data["outcome"]] += 1
        self.out_of = data["out_of"]  # what people decided on the points counts, not what the assignment says now
        self.late += data["submission"]["late"]
        reason = None if is_settled else _why_to_look(data)
        if reason:
            self.need_attention += 1
            if len(self.attention) < _NAMED:
                whose = data["submission"]
                has_score = data["outcome"] not in WITHOUT_SCORE
                self.attention.append(ToLookAt(whose["student"] or whose["name"], name, has_score, reason))
        if data["outcome"] in WITHOUT_SCORE:
            return
        self.scores[round(data["score"], 2)] += 1
        self.missed.update(check["title"] for check in data["checks"] if check["points"] < check["out_of"])


def _why_to_look(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The fact for which a person must look at a report; None where there is none."""
    if data["outcome"] in WITHOUT_SCORE:
        reason: Mapping[str, Any] = data["failures"][0]["fact"]
        return reason
    warnings = (finding["evidence"][0] for finding in data["policy"] if finding["action"] == Action.WARN)
    return next(warnings, None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a report goes: the name of its file, whose it is, and remarks on what was handed in."""

    name: str
    id: SubmissionId
    remarks: tuple[Remark, ...]

    def personal(self, data: dict[str, Any]) -> dict[str, Any]:
        """A report on the same bytes, as this student's."""
        remarks = [remark for remark in data["remarks"] if remark["fact"]["kind"] not in (_ALSO, _OPEN, _IN_ARCHIVE)]
        own = [json_report.plain(remark) for remark in self.remarks]
        told = reading.of_file(data, self.id.name)
        return told | {"submission": asdict(self.id), "remarks": [*remarks, *own]}


def _choose(name: str) -> Fact:
    """How the submission is chosen of what a student handed in, by the name of the report."""
    return Fact("choose-with-resolve", {"name": shlex.quote(name)})


def _remarks(hand_in: HandIn, others: Sequence[Fact]) -> Iterator[Remark]:
    if hand_in.rivals:
        names = (Path(hand_in.label).name, *hand_in.rivals)
        yield Remark(Fact(_OPEN, {"files": names}), for_students=False)
    for told in hand_in.contents.told:
        yield Remark(Fact(_IN_ARCHIVE, {"what": told}))
    if others:
        yield Remark(Fact(_ALSO, {"files": tuple(others)}))


class Batch:
    """One run over all that a class handed in."""

    def __init__(
        self,
        bench: Bench,
        folder: ReportFolder,
        workers: Workers,
        again: Sequence[str],
        tell: Callable[[Tally], None],
        known: Sequence[Assignment] = (),
        mains: Sequence[PurePath] = (),
    ) -> None:
        """Make ready to run.

        Args:
            folder: held by the caller.
            workers: started by the caller.
            again: names of students or files, outcomes, or `all`: their reports are made anew.
            tell: called when there is one more report.
            known: other assignments that submissions may be for, where nobody named the assignment of all.
            mains: files that a person chose, each of its student's; the folder remembers them.
        """
        self.tally = Tally(bench.assignment.specification.title, bench.assignment.out_of)
        self._bench, self._folder, self._workers, self._tell = bench, folder, workers, tell
        self._again = {folded(name) for name in again}
        self._matched: set[str] = set()
        self._basis = _basis(bench)
        self._known = known
        self._mains = Mains(folder, mains)
        self._standing = folder.standing()
        self._written: dict[bytes, str] = {}
        self._fresh: set[bytes] = set()
        self._running: dict[Future[Report], tuple[bytes, list[_Place]]] = {}
        self._faults = 0

    @property
    def nothing_for(self) -> list[str]:
        """What was to be graded again and was not met."""
        return sorted(self._again - self._matched)

    @property
    def not_chosen(self) -> list[str]:
        """Files that a person chose and that nobody handed in."""
        return sorted(map(str, self._mains.unused))

    def run(self, hand_ins: Iterable[HandIn], *, only: str = "") -> Tally:
        """Grade everything that has no report yet.

        Args:
            only: the name of a report; what has another one is passed over.

        Raises:
            GraderError: a report cannot be written.
            GraderFault: nothing can be graded any more.
        """
        try:
            names = ReportNames()
            for hand_in in hand_ins:
                name, attempt = names.next(hand_in.student)
                if only in ("", name):
                    self._take(hand_in, name, attempt)
                while len(self._running) >= 2 * self._workers.count:
                    self._collect()
            while self._running:
                self._collect()
        except KeyboardInterrupt:
            self.tally.interrupted = True
        return self.tally

    def _take(self, hand_in: HandIn, name: str, attempt: int) -> None:
        """Grade what one student handed in, unless its report, of this name, is there."""
        student = hand_in.student

        def place(name_: str, file: str, sha256: str, others: Sequence[Fact] = ()) -> _Place:
            whose = SubmissionId(name_, file, sha256, student.name, student.id, student.late, attempt)
            return _Place(name, whose, tuple(_remarks(hand_in, others)))

        try:
            submission, others = choose(hand_in, self._bench.assignment, self._mains.of(hand_in, name))
            see_that_it_belongs(submission, self._bench.assignment, self._known)
        except SubmissionError as error:
            why = error.instead(_choose(name)) if isinstance(error, NotClear) else error.why
            self._take_unreadable(place(Path(hand_in.label).name, hand_in.label, ""), why)
        else:
            id = submission.id  # noqa: A001
            self._take_readable(submission, place(id.name, id.file, id.sha256, others))

    def _take_readable(self, submission: Submission, place: _Place) -> None:
        id, name = submission.id, place.name  # noqa: A001
        self._folder.keep_code(id.sha256, submission.data, is_notebook=submission.is_notebook)
        inputs = _digest(self._basis, id.sha256, submission.is_notebook)
        old = self._folder.load(name)
        if self._is_current(old, inputs, place):
            self._keep(place, inputs, old or {})
        elif inputs in self._fresh or (inputs in self._written and not self._is_wanted(old, place)):
            self._same(place, inputs)
        else:
            self._fresh.add(inputs)
            neutral = SubmissionId(f"submission.{'ipynb' if submission.is_notebook else 'py'}", id.file, id.sha256)
            self._running[self._workers.submit(replace(submission, id=neutral))] = (inputs, [place])

    def _is_current(self, old: dict[str, Any] | None, inputs: bytes, place: _Place) -> bool:
        return (
            old is not None
            and old["versions"].get(_INPUTS) == inputs.hex()
            and old["outcome"] != Outcome.FAULT_OF_THE_GRADER
            and not self._is_wanted(old, place)
        )

    def _is_wanted(self, old: dict[str, Any] | None, place: _Place) -> bool:
        """Whether the user asked for a new report."""
        names = ("all", place.id.student, place.id.student_id, place.id.name, place.name, old["outcome"] if old else "")
        wanted = self._again.intersection(folded(name) for name in names if name)
        self._matched |= wanted
        return bool(wanted)

    def _keep(self, place: _Place, inputs: bytes, old: dict[str, Any]) -> None:
        new = place.personal(old)
        if json_report.dump(new) != json_report.dump(old):  # the same bytes lie elsewhere now
            self._folder.write(place.name, new)
        self._written.setdefault(inputs, place.name)
        self.tally.kept += 1
        self._count(place, new)

    def _same(self, place: _Place, inputs: bytes) -> None:
        """Two submissions of the same bytes are graded once."""
        for other, places in self._running.values():
            if other == inputs:
                places.append(place)
                return
        data = self._folder.load(self._written[inputs])
        if data is None:
            raise ToldError(
                Fact("batch: report-gone", {"folder": str(self._folder.json), "name": self._written[inputs]})
            )
        self._finish([place], inputs, data)

    def _collect(self) -> None:
        """Write the reports that are ready; waits for one at least."""
        for future in wait(self._running, return_when=FIRST_COMPLETED).done:
            inputs, places = self._running[future]
            error = future.exception()
            report = self._fault(error, places[0].id) if error else future.result()
            data = json_report.as_data(report)
            data["versions"] = {**data["versions"], _INPUTS: inputs.hex()}
            self._finish(places, inputs, data)
            self.tally.graded += 1
            self.tally.same -= 1
            del self._running[future]

    def _finish(self, places: Iterable[_Place], inputs: bytes, data: dict[str, Any]) -> None:
        for place in places:
            own = place.personal(data)
            self._folder.write(place.name, own)
            self._written[inputs] = place.name
            self.tally.same += 1
            self._count(place, own)

    def _fault(self, error: BaseException, id: SubmissionId) -> Report:  # noqa: A002
        """The report on a submission at which this program failed; the next ones may fare better."""
        self._faults = self._faults + 1 if isinstance(error, GraderFault) else 0
        if self._faults >= _FAULTS_IN_A_ROW:
            raise GraderFault(f"{self._faults} submissions in a row could not be graded; the last one: {error}")
        fact = Fact("cannot-be-graded", {"type": type(error).__name__, "text": str(error)})
        return self._not_graded(id, Outcome.FAULT_OF_THE_GRADER, fact)

    def _take_unreadable(self, place: _Place, why: Fact) -> None:
        """Write why it cannot be read, unless the report says so already."""
        inputs = _digest(self._basis, Outcome.UNREADABLE.value, why)
        old = self._folder.load(place.name)
        if self._is_current(old, inputs, place):
            self._keep(place, inputs, old or {})
            return
        data = json_report.as_data(self._not_graded(place.id, Outcome.UNREADABLE, why))
        data["versions"] = {**data["versions"], _INPUTS: inputs.hex()}
        data = place.personal(data)
        self._folder.write(place.name, data)
        self.tally.graded += 1
        self._count(place, data)

    def _not_graded(self, id: SubmissionId, outcome: Outcome, fact: Fact) -> Report:  # noqa: A002
        bench = self._bench
        return not_graded(id, bench.assignment, outcome, fact, bench.key.seed, bench.isolation)

    def _count(self, place: _Place, data: dict[str, Any]) -> None:
        is_settled = any(d.what in _SETTLES for d in self._standing.of(place.name))
        self.tally.add(place.name, decided(place.name, data, self._standing), is_settled=is_settled)
        self._tell(self.tally)


def _basis(bench: Bench) -> str:
    """What a report depends on besides the submission, as text: the assignment, the seed, the limits, this program."""
    key = answer_key.key_path(bench.assignment, bench.key.seed).name
    return json.dumps([key, asdict(bench.limits), bench.isolation.level, code_digest()])


def _digest(*values: object) -> bytes:
    return hashlib.sha256(repr(values).encode()).digest()[:16]


@cache
def code_digest() -> str:
    """Of this program: whatever changes in it, reports are made anew."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
