"""What a report holds besides: charts, pictures, code to try, and all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.records.diagnosed import Diagnosis
from grader.records.kinds import Level, Outcome, Visibility
from grader.records.observed import CheckResult, Failure, Finding, PolicyFinding, Remark


@dataclass(frozen=True)
class Series:
    """One line or set of bars of a chart: what was observed, and what was expected where there is such a thing.

    A number that is not finite is None.
    """

    name: str
    observed: tuple[float | None, ...]
    expected: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """Numbers of one probe that are best looked at: `kind` is `line` or `bars`."""

    title: str
    x: str
    y: str
    kind: str
    series: tuple[Series, ...]
    probe: str = ""


@dataclass(frozen=True)
class Trial:
    """A probe as a report tells of it: `name` is what findings, charts and pictures refer to."""

    name: str
    title: str
    visibility: Visibility
    graded: bool = True


@dataclass(frozen=True)
class Picture:
    """One wrong quantity in one probe, entry by entry.

    `shape` is that of the whole quantity in one case, the `case`-th, counted from 0. As a matrix, its last axis
    as columns, these are the entries in some `rows` and `columns`: all of them, or those with the largest errors.
    `expected` and `observed` hold len(rows) * len(columns) numbers, row by row; what is not finite is None.
    """

    check: str
    probe: str
    quantity: str
    case: int
    cases: int
    shape: tuple[int, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    expected: tuple[float | None, ...]
    observed: tuple[float | None, ...]


class FlowState(StrEnum):
    """How a submission does on one step of the way of the gradient."""

    RIGHT = "right"
    WRONG = "wrong"
    """What comes in is right, and what goes out is not."""
    FOLLOWS = "follows"
    """It comes after one that is wrong."""
    OPEN = "open"
    """One of several steps, of which some is wrong."""


@dataclass(frozen=True)
class FlowEdge:
    """One step of the way of the gradient, in the names of an exercise: which quantity it leads from, and to which."""

    source: str
    target: str
    state: FlowState


@dataclass(frozen=True)
class Snippet:
    """Code by which a student sees a wrong quantity of a public trial again: inputs, the call, what it should give."""

    check: str
    probe: str
    quantity: str
    code: str


@dataclass(frozen=True)
class Isolation:
    """What stood between the submission and the machine."""

    level: str
    description: str


@dataclass(frozen=True)
class SubmissionId:
    """Which file was graded. `name` is for people, `file` is the path as it was given.

    In a class, `student` and `student_id` are the name and the number that the export of a learning management system
    tells, and `attempt` counts what one student handed in; `late` is the mark of the system, not a judgement.
    """

    name: str
    file: str
    sha256: str
    student: str = ""
    student_id: str = ""
    late: bool = False
    attempt: int = 1


@dataclass(frozen=True)
class Report:
    """Everything that is told about one submission; written to JSON as `grader/report/3`.

    `failures` are why it did not come to its end, the first of each part of the exercise. `trials` are all probes of
    the key: who may see numbers of which. `student_level` is how much the assignment tells students. So a report is
    enough to tell what of it is for students. `date` is when it was graded: UTC, as `2026-11-28T19:05:00+00:00`.
    """

    submission: SubmissionId
    assignment: str
    title: str
    outcome: Outcome
    failures: tuple[Failure, ...]
    score: float
    out_of: float
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis
    policy: tuple[PolicyFinding, ...]
    remarks: tuple[Remark, ...]
    charts: tuple[Chart, ...]
    output: str
    isolation: Isolation
    seed: str
    versions: Mapping[str, str]
    seconds: float
    trials: tuple[Trial, ...] = ()
    pictures: tuple[Picture, ...] = ()
    student_level: Level = Level.NOTHING
    date: str = ""
    snippets: tuple[Snippet, ...] = ()
    flow: tuple[FlowEdge, ...] = ()

    @property
    def titles(self) -> dict[str, str]:
        """What each trial is called."""
        return {trial.name: trial.title for trial in self.trials}
