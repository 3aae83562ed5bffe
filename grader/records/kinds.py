"""What may be said of a run, a quantity, a probe or a report: closed lists, and names for arrays."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
