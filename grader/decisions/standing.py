"""Which decisions hold: those that were neither taken back nor replaced. Pure.

A decision names those that it was made in place of. So what holds follows from the decisions alone, in any order,
whatever the clocks of two computers say; and where two people decided on one thing without knowing of each other, both
hold, which is a contradiction that a person must settle. Until then, of two numbers of points the one that is better
for the student counts, and of anything else neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from grader.decisions.record import Decision, What


class Standing:
    """What holds of some decisions."""

    def __init__(self, decisions: Sequence[Decision] = ()) -> None:
        self.all = tuple(decisions)
        self._by_id = {decision.id: decision for decision in decisions}
        replaced: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            for each in decision.replaces:
                replaced[each].append(decision)
        known: dict[str, bool] = {}

        def is_undone(name: str, above: frozenset[str] = frozenset()) -> bool:
            """Whether something takes it back that is not taken back itself."""
            if name not in known:
                if name in above:  # a circle that somebody wrote by hand: none of it counts
                    return True
                known[name] = any(
                    by.what is What.UNDO and not is_undone(by.id, above | {name}) for by in replaced.get(name, ())
                )
            return known[name]

        undone = {decision.id for decision in decisions if is_undone(decision.id)}
        over = self._under(d for d in decisions if d.id not in undone and d.what is not What.UNDO)
        self.undone = frozenset(undone)
        self.holding = tuple(
            d for d in decisions if d.id not in undone and d.id not in over and d.what is not What.UNDO
        )

    def _under(self, decisions: Iterable[Decision]) -> set[str]:
        """The ids of all that was replaced by some decisions, and by what these replaced."""
        found: set[str] = set()
        for decision in decisions:
            ahead = [each for each in decision.replaces if each != decision.id]
            while ahead:
                name = ahead.pop()
                if name not in found and name in self._by_id:
                    found.add(name)
                    ahead += [each for each in self._by_id[name].replaces if each != decision.id]
        return found

    @cached_property
    def _by_subject(self) -> dict[tuple[str, ...], list[Decision]]:
        found: dict[tuple[str, ...], list[Decision]] = defaultdict(list)
        for decision in self.holding:
            found[decision.subject].append(decision)
        return found

    @cached_property
    def _by_kind(self) -> dict[What, list[Decision]]:
        found: dict[What, list[Decision]] = defaultdict(list)
        for decision in self.holding:
            found[decision.what].append(decision)
        return found

    @cached_property
    def _by_student(self) -> dict[str, list[Decision]]:
        found: dict[str, list[Decision]] = defaultdict(list)
        for decision in sorted(self.holding, key=lambda d: (d.when, d.id)):
            found[decision.student].append(decision)
        return found

    def of(self, student: str) -> Sequence[Decision]:
        """What holds of one report, the oldest first."""
        return self._by_student.get(student, ())

    def on(self, subject: tuple[str, ...]) -> Decision | None:
        """What counts on one subject; None where nothing was decided, or nothing is clear."""
        holding = self._by_subject.get(subject, [])
        if len({decision.value for decision in holding}) > 1:
            if subject[0] not in (What.POINTS, What.TOTAL):
                return None
            return max(holding, key=lambda decision: (decision.points or 0.0, decision.id))
        return min(holding, key=lambda decision: decision.id) if holding else None

    def replaced_by_a_new_one(self, subject: tuple[str, ...]) -> tuple[str, ...]:
        """The ids of what holds on a subject: a new decision on it is made in place of them."""
        return tuple(sorted(decision.id for decision in self._by_subject.get(subject, ())))

    def history(self, student: str) -> Iterator[Decision]:
        """All that was ever decided on a report, the oldest first, with what took it back."""
        own = {decision.id for decision in self.all if decision.student == student}
        related = (d for d in self.all if d.id in own or (d.what is What.UNDO and own.intersection(d.replaces)))
        return iter(sorted(related, key=lambda d: (d.when, d.id)))

    @cached_property
    def contradictions(self) -> tuple[tuple[Decision, ...], ...]:
        """Decisions on one subject that say different things, none of which was made in place of the other."""
        return tuple(
            tuple(sorted(holding, key=lambda d: (d.when, d.id)))
            for holding in self._by_subject.values()
            if len({decision.value for decision in holding}) > 1
        )

    def of_class(self, what: What) -> Iterable[Decision]:
        """What holds for all reports, of one kind."""
        return self._by_kind.get(what, ())
