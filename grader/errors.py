"""Who is at fault decides the exception; the command line turns each into a message and an exit code."""

from __future__ import annotations


class GraderError(Exception):
    """Base of everything that this program raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message says all, the calls that led here say nothing."""
        return [str(self)]


class SubmissionError(GraderError):
    """The file handed in cannot be graded: the student or the caller must change it."""


class NotClear(SubmissionError):
    """Several files may be the submission: a person must choose."""


class AssignmentError(GraderError):
    """The assignment is unusable: its author must change it."""


class OracleDisagreement(AssignmentError):
    """The oracles contradict one another, so nobody may be judged by them."""


class IsolationUnavailable(GraderError):
    """Submissions cannot be locked in here as strictly as was asked for."""


class LibraryMissing(GraderError):
    """Something that submissions need is not installed here."""


class GraderFault(GraderError):
    """This program failed, or the machine under it."""
