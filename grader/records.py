"""The values that flow through the program: frozen, and without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.wire.facts import Fact

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]
Arrays = Mapping[str, AnyArray]


class Outcome(StrEnum):
    """How running a submission (or one probe of it) ended."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    TOO_MUCH_OUTPUT = "too-much-output"
    CRASHED = "crashed"
    REFUSED = "refused"
    PROTOCOL_VIOLATION = "protocol-violation"
    UNREADABLE = "unreadable"
    FAULT_OF_THE_GRADER = "fault-of-the-grader"
    NOT_ATTEMPTED = "not-attempted"
    NOT_RUN = "not-run"
    DECIDED = "decided"
    """A person gave the score; a report that is written by this program never says so."""


WITHOUT_SCORE = (Outcome.UNREADABLE, Outcome.FAULT_OF_THE_GRADER)
"""Outcomes that are no grade: a person must look."""


class Verdict(StrEnum):
    """What is held of one quantity, or of one check."""

    CORRECT = "correct"
    WRONG = "wrong"
    NOT_REPORTED = "not-reported"
    NOT_ATTEMPTED = "not-attempted"
    NOT_RUN = "not-run"
    FAULT_OF_THE_GRADER = "fault-of-the-grader"


class Rule(StrEnum):
    """How a check compares what was reported with what was expected."""

    GRADIENT = "gradient"
    VALUE = "value"
    UNCHANGED = "unchanged"
    REPEATS = "repeats"
    DESCENDS = "descends"
    CONSISTENT = "consistent"
    COMPOSED = "composed"
    OWN = "own"
    LINEAR = "linear"
    TRACE = "trace"

    @property
    def is_reported(self) -> bool:
        """Whether a submission reports a quantity of its own for it; else it judges what others reported."""
        return self not in (Rule.DESCENDS, Rule.LINEAR, Rule.TRACE)

    @property
    def is_work(self) -> bool:
        """Whether it judges what the exercise asks to compute; else how that was done."""
        return self is Rule.GRADIENT or self is Rule.VALUE


class Visibility(StrEnum):
    """Who may see the numbers of a probe."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class Action(StrEnum):
    """What a finding of the integrity policy leads to."""

    FORBID = "forbid"
    WARN = "warn"
    ALLOW = "allow"


class Evidence(StrEnum):
    """What a probe shows that is not graded, but tells how gradients were obtained; `NONE` for all other probes."""

    NONE = ""
    WATERMARK = "watermark"
    CACHES = "caches"
    INSTRUMENTS = "instruments"


class Level(StrEnum):
    """How much a report says about what is wrong; each level includes those before it."""

    NOTHING = "nothing"
    SYMPTOMS = "symptoms"
    NUDGE = "nudge"
    POINTER = "pointer"
    EXPLANATION = "explanation"


@dataclass(frozen=True)
class Estimate:
    """A value and how far it may be from the truth, entry by entry: two arrays of one shape, in the same units."""

    value: FloatArray
    error: FloatArray


@dataclass(frozen=True)
class Network:
    """Fully connected tanh layers under a sum of squared errors, at one point.

    a[0] = x, z[l] = a[l-1] W[l]^T + b[l], a[l] = tanh(z[l]), L = sum over examples and outputs of (a[L] - y)^2.
    `weights[l-1]` is W[l], shape (n[l], n[l-1]); `biases[l-1]` is b[l], shape (n[l],);
    `x` has shape (B, n[0]) and `y` (B, n[L]) for B examples.
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True)
class Probe:
    """One set of inputs, drawn from the seed.

    `graded` is False where the result is a remark, never points. `part` names the object of the exercise that observes
    a submission on it; empty for the exercise itself. Of the probes of one `group`, which try legal readings of the
    statement in turn, the one that earns the most counts; `convention` names the reading, where other groups try it,
    too. `dtype` is the type of the tensors that a submission gets.
    """

    name: str
    title: str
    inputs: Arrays
    visibility: Visibility = Visibility.PUBLIC
    graded: bool = True
    part: str = ""
    group: str = ""
    convention: str = ""
    dtype: str = "float64"
    evidence: Evidence = Evidence.NONE

    @property
    def manner(self) -> tuple[str, str]:
        """The part and the reading: probes of one manner call a submission in the same way."""
        return self.part, self.convention

    @property
    def family(self) -> str:
        """`tanh` of `tanh.context` and `tanh.apply`: parts that call the same functions of a submission."""
        return self.part.partition(".")[0]


@dataclass(frozen=True)
class Prediction:
    """What one quantity of a probe for evidence is where it is derived by hand, and where a machine differentiates."""

    by_hand: FloatArray
    by_machine: FloatArray


@dataclass(frozen=True)
class Expectation:
    """What one quantity of one probe must be.

    `source` is the input differentiated (gradient) or preserved (unchanged), the quantity that is repeated (repeats),
    compared with differences of the submission's own forward (consistent, own), with what its own function gives by
    itself (composed) or linear in the upstream gradient (linear), or a claim about a run (trace).
    `double` and `single` hold the same value with the error allowed in float64 and in float32.
    """

    quantity: str
    check: str
    rule: Rule
    source: str
    double: Estimate
    single: Estimate


@dataclass(frozen=True)
class WrongWay:
    """What gradients become where one thing on the way back through a formula is wrong.

    `kind` is `edge`, where `arrays` hold what comes through an edge of its graph: a factor on it, zero too, then
    follows for any number. Else a step is done in another way, and `arrays` hold the gradients. They are those of the
    first call, by quantity; what is not in them is as it should be. `step` and `operand` are expressions of the
    formula, from which and to which the way leads.
    """

    kind: str
    step: str
    operand: str
    arrays: Mapping[str, FloatArray]


@dataclass(frozen=True)
class WrongWays:
    """What may be wrong on the way back through the formula of a probe, and the sizes of its axes by their letters."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    ways: tuple[WrongWay, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """The quantities of the derivation on a probe that is never graded: there, a place in a submission is looked for.

    `outputs` are what the probe's checks compare, one row a call, and `checks` tells which check each belongs to.
    `known` are inputs, what the formula goes through, and the derivatives of the loss by all of these, by name.
    """

    probe: Probe
    outputs: Mapping[str, FloatArray]
    checks: Mapping[str, str]
    known: Mapping[str, FloatArray]


@dataclass(frozen=True)
class AnswerKey:
    """All that judging needs: the probes, and for each probe what is expected of it, in the order of the derivation.

    `extras` lists for each probe the name and the number of entries of what is reported for information.
    Nothing is expected of a probe for evidence; `predictions` tells for each what its quantities may be. `held_back`
    counts the graded trials that students do not see when they check themselves, alternatives as one. `wrong_ways`
    tells of probes of declared layers what may be wrong in them.
    """

    slug: str
    seed: str
    probes: tuple[Probe, ...]
    expected: Mapping[str, tuple[Expectation, ...]]
    extras: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    predictions: Mapping[str, Mapping[str, Prediction]] = field(default_factory=dict)
    held_back: int = 0
    wrong_ways: Mapping[str, WrongWays] = field(default_factory=dict)
    derivations: tuple[Derivation, ...] = ()


@dataclass(frozen=True)
class Observation:
    """What came back for one probe. `fact` is why it did not return; `notes` what was stored instead of an array."""

    outcome: Outcome = Outcome.NOT_RUN
    fact: Fact | None = None
    arrays: Mapping[str, AnyArray] = field(default_factory=dict)
    notes: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What came back of one submission. `fact` is why it did not return; `output` the beginning of what it printed."""

    outcome: Outcome
    fact: Fact | None
    observations: Mapping[str, Observation]
    output: str
    seconds: float


@dataclass(frozen=True)
class Finding:
    """One quantity in one probe, judged. `fact` is what is wrong with it, None where nothing is.

    `ratio` is the worst error over its tolerance (1 is the limit). `follows` marks what is wrong only because of an
    error made before, where the assignment gives marks for that.
    """

    check: str
    probe: str
    quantity: str
    verdict: Verdict
    fact: Fact | None = None
    ratio: float | None = None
    follows: bool = False


@dataclass(frozen=True)
class CheckResult:
    """One row of the report. `fact` says how much of it is right, where not all is."""

    id: str
    title: str
    points: float
    out_of: float
    verdict: Verdict
    fact: Fact | None
    visibility: Visibility


@dataclass(frozen=True)
class PolicyFinding:
    """Evidence that a rule of the assignment, beyond right numbers, was not kept: all signs of it."""

    rule: str
    action: Action
    evidence: tuple[Fact, ...]


@dataclass(frozen=True)
class Remark:
    """What is worth knowing, and costs nothing. `trial` is the probe whose numbers it tells; empty where it tells none.

    Not all remarks are `for_students`: some ask the instructor to do something.
    """

    fact: Fact
    trial: str = ""
    for_students: bool = True


@dataclass(frozen=True)
class Failure:
    """Why a submission did not come to its end: in one probe, the `trial`, or at all where that is empty.

    What a submission says of its own error may be made up. `own_line` is the last line of its own that it names, as
    file, number, function (empty) and text, where the file has such a line: no number of a trial can be in it.
    """

    outcome: Outcome
    fact: Fact
    trial: str = ""
    own_line: tuple[str, int, str, str] | None = None


class Certainty(StrEnum):
    """How well a mistake is supported."""

    PROVED = "proved"
    """All numbers of all trials are those that it gives."""
    SUPPORTED = "supported"
    """So are those of its own step; another step is wrong in an unknown way."""
    SEEN = "seen"
    """Seen in how the run went, not in its numbers."""


@dataclass(frozen=True)
class Mistake:
    """A known mistake that reproduces the submission's numbers.

    `where` is the place in the net, in words. `hints` holds for each language a nudge, a pointer and an explanation.
    `used` and `right` are formulas, for the instructor. `same_as` names mistakes that give the same numbers.
    """

    id: str
    title: str
    step: str
    where: str
    certainty: Certainty
    used: str
    right: str
    hints: Mapping[str, tuple[str, ...]]
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnknownMistake:
    """A step that is wrong in a way nobody has described, the topmost layer where it is, and what is true of it."""

    step: str
    layer: int | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Place:
    """An expression of a submission that is wrong, proved by running the submission with its value corrected.

    Attributes:
        file: the name of the file; `cell` is the number of the cell of a notebook, counted from 1.
        line: from 1; columns count characters from 0, and `end_column` is the one after the last.
        text: the expression, as it is written.
        is_: which quantity of the derivation it holds; None where that is not for the reader, as with the next two.
        should_be: which one belongs there.
        relation: how the one stands to the other.
        mended: the outputs that a corrected value makes right; `left` those that are wrong all the same.
        lines: the lines around it, with their numbers.
        follows: numbers of other lines of that file or cell that are right once this one is.
    """

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    is_: Fact | None
    should_be: Fact | None
    relation: Fact | None
    mended: tuple[str, ...]
    left: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]
    follows: tuple[int, ...]


@dataclass(frozen=True)
class Annotation:
    """Which quantity of the derivation the largest expression of a line holds; `text` is the line."""

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    is_: Fact


@dataclass(frozen=True)
class Diagnosis:
    """Which steps of the derivation are wrong, in the order of the derivation.

    `places` are the expressions that are wrong, best first; with `mended`, all values and gradients are right once they
    are. `annotations` tell what the lines of the code hold.
    `catalogue` tells whether there were known mistakes to compare with: on a student's machine there are none.
    """

    mistakes: tuple[Mistake, ...] = ()
    unknown: tuple[UnknownMistake, ...] = ()
    catalogue: bool = True
    places: tuple[Place, ...] = ()
    mended: bool = False
    annotations: tuple[Annotation, ...] = ()


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


@dataclass(frozen=True)
class FlowEdge:
    """One step of the way of the gradient, in the names of an exercise: which quantity it leads from, and to which.

    `step` and `where` are those of a diagnosis.
    """

    source: str
    target: str
    step: str
    where: str = ""


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
