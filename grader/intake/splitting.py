"""Which assignments a class handed in files for: each student's files are graded under what they are for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.assignment import Assignment
from grader.errors import ToldError
from grader.intake.choosing import readable
from grader.intake.finding import HandIn
from grader.submission.hand_in import purposes
from grader.wire.facts import Fact

_NAMED = 12


@dataclass(frozen=True)
class Split:
    """The assignments of a class, the one that most are for first.

    Attributes:
        elsewhere: by the label of a hand-in, what it is for, where that is not the first assignment alone.
        votes: how many hand-ins are for each; one that is for two has half a vote for either.
    """

    assignments: Sequence[Assignment]
    elsewhere: Mapping[str, Sequence[str]] = field(default_factory=dict)
    votes: Mapping[str, Fraction] = field(default_factory=dict)

    def of(self, assignment: Assignment, hand_ins: Iterable[HandIn]) -> Iterator[HandIn]:
        """Those of some hand-ins that are for an assignment; whose purpose nobody knows has the first."""
        first = (self.assignments[0].slug,)
        return (one for one in hand_ins if assignment.slug in self.elsewhere.get(one.label, first))

    @property
    def has_a_majority(self) -> bool:
        """Whether more hand-ins are for the first assignment than for all others together."""
        return len(self.assignments) == 1 or 2 * self.votes[self.assignments[0].slug] > sum(self.votes.values())


def split(known: Sequence[Assignment], hand_ins: Iterable[HandIn]) -> Split:
    """What a class handed in, by assignment. Each hand-in has one vote, however many files it has.

    A hand-in that leaves it open is graded with those that do not.

    Raises:
        GraderError: none tells what it is for, or two assignments are as good.
    """
    if len(known) == 1:
        return Split(known)
    told: dict[str, tuple[str, ...]] = {}
    guessed: dict[str, tuple[str, ...]] = {}
    for hand_in in hand_ins:
        found = purposes(readable(hand_in.places)[0], known)
        kept, slugs = (told, found.certain) if found.certain else (guessed, found.guessed)
        kept[hand_in.label] = slugs
    votes = _votes(told.values()) or _winner(_votes(guessed.values()))
    told |= {label: one for label, slugs in guessed.items() if (one := _first(slugs, votes))}
    order = sorted(votes, key=lambda slug: (-votes[slug], slug))
    by_slug = {assignment.slug: assignment for assignment in known}
    elsewhere = {label: slugs for label, slugs in told.items() if slugs != (order[0],)}
    return Split([by_slug[slug] for slug in order], elsewhere, votes)


def _votes(ballots: Iterable[Sequence[str]]) -> dict[str, Fraction]:
    votes: dict[str, Fraction] = defaultdict(Fraction)
    for slugs in ballots:
        for slug in slugs:
            votes[slug] += Fraction(1, len(slugs))
    return dict(votes)


def _winner(votes: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The one assignment that has most votes, where all are guesses."""
    first = sorted(votes, key=lambda slug: (-votes[slug], slug))[:2]
    if not first or (len(first) == 2 and votes[first[0]] == votes[first[1]]):
        raise ToldError(Fact("split: open", {"fitting": tuple(first)}))
    return {first[0]: votes[first[0]]}


def _first(slugs: Sequence[str], votes: Mapping[str, Fraction]) -> tuple[str, ...]:
    """Of the assignments that a hand-in may be for, the one that most others are for."""
    fitting = [slug for slug in slugs if slug in votes]
    return (max(fitting, key=lambda slug: votes[slug]),) if fitting else ()
