"""What came back of a submission, and what is held of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.records.kinds import Action, AnyArray, Outcome, Verdict, Visibility
from grader.wire.facts import Fact


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
