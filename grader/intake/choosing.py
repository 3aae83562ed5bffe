"""Which of a student's files is the submission, and to which assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice

from grader.assignment import Assignment
from grader.errors import GraderError, SubmissionError
from grader.intake.finding import HandIn
from grader.intake.nodes import Node, read
from grader.submission import Submission, fit, fitting

_ASKED = 200
"""Hand-ins that are looked at to find out what they are for."""
_SHOWN = 12
_HALF = 0.5


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def is_whole(known: Sequence[Assignment], file: Node) -> bool:
    """Whether a file looks like a whole submission to one of the assignments."""
    try:
        return bool(fitting(read(file), known))
    except SubmissionError:
        return False


def choose(hand_in: HandIn, assignment: Assignment) -> tuple[Submission, list[str]]:
    """Of what a student handed in, the file that fits the assignment best, and the names of the others.

    Raises:
        SubmissionError: none can be read, or it is not clear which one is meant.
    """
    contents = hand_in.contents
    best: list[Submission] = []
    share = -1.0
    problems = list(contents.problems)
    for node in contents.files:
        try:
            submission = read(node)
        except SubmissionError as error:
            problems.append(str(error))
            continue
        fits = fit(submission, assignment)
        if fits > share:
            best, share = [submission], fits
        elif fits == share and all(submission.id.sha256 != other.id.sha256 for other in best):
            best.append(submission)
            best = [best[0], *(Submission(other.id, b"") for other in best[1:])]
    if not best:
        there = _there(hand_in)
        also = f"; there is {listed(there)}" if there else ""
        nothing = f"{hand_in.label}: holds no .py or .ipynb file{also}"
        raise SubmissionError("\n".join([*problems[:_SHOWN], *([nothing] if there or not problems else [])]))
    if len(best) > 1:
        names = listed([other.id.file for other in best])
        raise SubmissionError(f"{hand_in.label}: several files may be the submission: {names}; keep one of them")
    others = [node.name for node in contents.files if node.label != best[0].id.file]
    return best[0], [*others, *_there(hand_in)]


def _there(hand_in: HandIn) -> list[str]:
    """What was handed in besides Python files and notebooks; what was entered in place of a file is told as that."""
    entered = {told.partition(" (")[0] for told in hand_in.entered}
    return [*hand_in.entered, *(name for name in hand_in.contents.others if name not in entered)]


def agree_on(known: Sequence[Assignment], hand_ins: Iterable[HandIn]) -> Assignment:
    """The assignment that most of the first hand-ins are for. Each has one vote, however many files it has.

    Raises:
        GraderError: there is nothing to look at, or it does not tell.
    """
    if len(known) == 1:
        return known[0]
    votes: Counter[str] = Counter()
    for hand_in in islice(hand_ins, _ASKED):
        fits = _fits(hand_in, known)
        for slug in fits:
            votes[slug] += Fraction(1, len(fits))  # type: ignore[assignment]
    first = votes.most_common(2)
    if not first or (len(first) == 2 and first[0][1] == first[1][1]):
        open_ = ", ".join(slug for slug, _ in first) or "none"
        raise GraderError(f"it is not clear what these submissions are for (fitting: {open_}); --assignment names it")
    return next(assignment for assignment in known if assignment.slug == first[0][0])


def _fits(hand_in: HandIn, known: Sequence[Assignment]) -> list[str]:
    """The assignments that the best of a student's files fits best."""
    best: list[str] = []
    share = 0.0
    for node in hand_in.files[:_SHOWN]:
        try:
            submission = read(node)
        except SubmissionError:
            continue
        fits = max((fit(submission, assignment) for assignment in known), default=0.0)
        if fits > share:
            best, share = [assignment.slug for assignment in fitting(submission, known)], fits
    return best


def see_that_it_belongs(submission: Submission, agreed: Assignment, known: Sequence[Assignment]) -> None:
    """Object to a submission among others to an assignment that nobody named, where it is clearly for another.

    Raises:
        SubmissionError: it is; says for which.
    """
    fits = fitting(submission, known)
    own = fit(submission, agreed)
    if fits and agreed not in fits and own < _HALF and (not own or fit(submission, fits[0]) >= _HALF):
        others = " or ".join(f"`{assignment.slug}`" for assignment in fits)
        raise SubmissionError(
            f"{submission.id.file}: is for {others}, and most of the others are for `{agreed.slug}`; "
            "grade it on its own, or name the assignment of all with --assignment"
        )
