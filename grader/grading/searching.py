"""Seek what is wrong in one submission: the earliest value that mends all, or else one mistake after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from grader.grading.rerunning import AT_ONCE, Reruns, patches_of
from grader.pinpoint.changes import Change, best_of, changes, either, factors, filled, scaled, with_known, with_others
from grader.pinpoint.choosing import causes, choose, earliest, explanations, replaces_the_same
from grader.pinpoint.hypotheses import Hypothesis, Patched, Sort
from grader.pinpoint.influence import Influence
from grader.pinpoint.saying import held_by_line, place_of
from grader.pinpoint.suspects import Suspicion
from grader.pinpoint.trying import Proved, Seen, Trial, trials, where_any_value_mends
from grader.records import Annotation, Derivation, Place

MOST_PLACES = 3
_MOST_PROVED = 120
_MOST_TRIALS = 170
"""For one place."""
_MOST_CHANGES = 150
_MOST_EXPLANATIONS = 5

Suspected = Callable[[int], bool]
Propose = Callable[[Suspicion, Suspected], Iterator[Change]]
_EVEN = frozenset({Sort.SHAPE, Sort.LIKELY, Sort.PLAIN})
_Stage = tuple[Sequence[Suspected], Collection[Sort], Propose | None]
"""Which expressions are looked at, which values are put there, and which other ways of writing them are tried."""
Told = Sequence[tuple[Hypothesis | Change, Sequence[Seen]]]


@dataclass(frozen=True)
class Pinpointed:
    """The places that are wrong, best first; what each line of the code held; whether nothing else is wrong.

    `causes` are the hypotheses that were proved, of the probes of one manner.
    """

    places: tuple[Place, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    complete: bool = False
    causes: tuple[Hypothesis | Change, ...] = ()


@dataclass(frozen=True)
class _Step:
    """A cause that is corrected, the values that are put for that on each probe, and what was seen before and after."""

    cause: Hypothesis | Change
    patches: Sequence[Patched]
    before: Sequence[Seen]
    after: Sequence[Seen]
    begins_here: bool = True

    def place(self) -> Place:
        """Where it is, what it makes right, and what it leaves wrong."""
        pairs = zip(self.before, self.after, strict=True)
        mended = {name for before, now in pairs for name in before.wrong - now.wrong}
        left = {name for now in self.after for name in now.wrong}
        before, after = ([each.suspicion for each in seen] for seen in (self.before, self.after))
        return place_of(self.cause, before, after, mended - left, left, begins_here=self.begins_here)


@dataclass
class Search(Reruns):
    """The search in one submission; `known` are the causes that were found on probes of other manners.

    `countless`: the submission has another way, taken once one fails, so that no number is blamed that only counts.
    `made_of_unknown` mend something where what they are made of is unknown, too, and may be what is wrong.
    """

    known: tuple[Hypothesis | Change, ...] = ()
    only_known: bool = False
    countless: bool = False
    made_of_unknown: list[Proved] = field(default_factory=list)

    def all_places(self, manners: Sequence[tuple[Sequence[Derivation], Mapping[str, bool]]]) -> list[Pinpointed]:
        """What is wrong on the probes of each manner.

        What was found on those of one is tried first on those of the next, and in the end on those before: one cause
        of everything is told, and not several, each of which would do for a part.
        """
        found = []
        for listed, lost in manners:
            found.append(self.places(listed, lost))
            self.known += tuple(cause for cause in found[-1].causes if cause not in self.known)
        self.only_known = True
        for number, (listed, lost) in enumerate(manners):
            own = {cause.node for cause in found[number].causes}
            later = [cause for each in found[number + 1 :] for cause in each.causes if cause.node not in own]
            self.known = tuple(dict.fromkeys(later))
            if self.known and (again := self.places(listed, lost)).complete:
                found[number] = again
        return found

    def places(self, derivations: Sequence[Derivation], lost: Mapping[str, bool]) -> Pinpointed:
        """What is wrong on the probes of one manner.

        Args:
            lost: the outputs that grading found wrong, and whether for their shape; what else differs here it accepts.
        """
        self.strict = frozenset(name for name, by_shape in lost.items() if by_shape)
        seen = self.look(derivations, [{} for _ in derivations])
        derivations = [_without(each.derivation, each.wrong - {*lost}) for each in seen]
        first = seen = [
            replace(each, derivation=derivation, wrong=each.wrong & {*lost})
            for each, derivation in zip(seen, derivations, strict=True)
        ]
        if not seen or not any(each.wrong for each in seen):
            return Pinpointed()
        self.made_of_unknown = []
        steps = self._steps(derivations, seen)
        if any(each.wrong for each in (steps[-1].after if steps else seen)):
            steps = [*self._later(derivations, first)]
        if len(steps) > 1:
            steps = self._needed(derivations, steps)
        deepest = max(first, key=lambda each: each.names.depth)
        told = tuple(held_by_line(deepest.suspicion))
        causes = tuple(step.cause for step in steps)
        return Pinpointed(tuple(step.place() for step in steps), told, bool(steps), causes)

    def held(self, derivations: Sequence[Derivation]) -> list[Annotation]:
        """What each line holds on the probe with most layers."""
        seen = self.look(derivations, [{} for _ in derivations])
        return held_by_line(max(seen, key=lambda each: each.names.depth).suspicion) if seen else []

    def _steps(self, derivations: Sequence[Derivation], seen: Sequence[Seen]) -> list[_Step]:
        """What to correct, one after the other, as long as something is wrong and something mends it."""
        done: list[Patched] = [{} for _ in derivations]
        steps: list[_Step] = []
        while len(steps) < MOST_PLACES and any(each.wrong for each in seen):
            cause = self._cause(seen, done)
            if cause is None or self._said_before(cause, seen, [(step.cause, step.before) for step in steps]):
                break
            patches = [patches_of(cause, each) for each in seen]
            done = [{**old, **new} for old, new in zip(done, patches, strict=True)]
            after = self.look(derivations, done)
            if not after or any(now.wrong - before.wrong for now, before in zip(after, seen, strict=True)):
                break
            steps.append(_Step(cause, patches, seen, after))
            seen = after
        return steps

    def _later(self, derivations: Sequence[Derivation], seen: Sequence[Seen]) -> Iterator[_Step]:
        """The first place after which nothing is wrong, where the mistake itself is not found."""
        one = earliest(self.made_of_unknown, max(seen, key=lambda each: len(each.wrong)).suspicion)
        if one is not None:
            patches = [patches_of(one.hypothesis, each) for each in seen]
            after = self.look(derivations, patches)
            if after and not any(each.wrong for each in after):
                yield _Step(one.hypothesis, patches, seen, after, begins_here=False)

    def _needed(self, derivations: Sequence[Derivation], steps: Sequence[_Step]) -> list[_Step]:
        """The steps without those that the others make needless: what seemed a cause may follow from a later one."""
        kept = list(steps)
        for step in steps:
            rest = [other for other in kept if other is not step]
            if rest and self._suffice(derivations, rest):
                kept = rest
        if len(kept) == len(steps):
            return kept
        done: list[Patched] = [{} for _ in derivations]
        seen, found = steps[0].before, list[_Step]()
        for step in kept:
            done = [{**old, **new} for old, new in zip(done, step.patches, strict=True)]
            after = self.look(derivations, done)
            if not after:
                return list(steps)
            found.append(replace(step, before=seen, after=after))
            seen = after
        return found

    def _suffice(self, derivations: Sequence[Derivation], steps: Sequence[_Step]) -> bool:
        """Whether nothing is wrong after these steps alone."""
        for number, seen in enumerate(steps[0].before):
            trial = Trial({place: value for step in steps for place, value in step.patches[number].items()})
            self.budget = 1
            self.try_all(replace(seen, derivation=derivations[number]), [trial])
            if trial.wrong != frozenset():
                return False
        return True

    @staticmethod
    def _said_before(hypothesis: Hypothesis | Change, seen: Sequence[Seen], earlier: Told) -> bool:
        """Whether an earlier one replaced the same numbers by the same: they come from one place, which is neither."""
        return any(
            replaces_the_same(other, hypothesis, before.suspicion, now.suspicion)
            for other, told in earlier
            for before, now in zip(told, seen, strict=True)
        )

    def _cause(self, seen: Sequence[Seen], done: Sequence[Patched]) -> Hypothesis | Change | None:
        """What mends all, or else what mends most: a value, or another way of writing an expression.

        First of expressions on which all that is wrong depends, then of those on which a part does.
        """
        at = min((n for n, each in enumerate(seen) if each.wrong), key=lambda n: seen[n].ill_shaped)
        if again := self._again(seen, done, at):
            return again
        if self.only_known:
            return None
        if change := self._changed(seen, done, filled, lambda _: True):
            return change
        influence = self.influence(seen[at], done[at])
        if influence.useless:  # where anything that fails mends, a number that is off does as well
            self.countless = True
        suspicion = replace(seen[at].suspicion, acquitted=influence.acquitted)
        seen = [replace(each, suspicion=suspicion) if n == at else each for n, each in enumerate(seen)]
        best: list[Proved] = []
        of_all, of_some = (influence.on_all, influence.on_more), (influence.on_some,)
        usual: Sequence[_Stage] = (
            (of_all, _EVEN, changes),
            (of_all, (), scaled),
            (of_some, _EVEN, None),  # what mends a part alone is no other way of writing it
        )
        rare: Sequence[_Stage] = (
            (of_all, (), with_known),
            (of_all, (), with_others),
            (of_all, {Sort.ODD}, factors),
            (of_some, {Sort.ODD}, None),
        )
        for number, (suspects, sorts, proposed) in enumerate((*usual, *rare)):
            if best and number >= len(usual):  # what makes a part right is more than what is rare
                break
            for suspected in suspects:
                self.budget = _MOST_TRIALS
                best += self._proved(seen, done, at, suspected, sorts) if sorts else []
                if any(not one.count for one in best):
                    best = self._clearest(best, seen[at], done[at])
                    chosen = choose(best, suspicion).hypothesis
                    return self._made_elsewhere(seen, done, chosen, influence) or chosen
                if proposed and (change := self._changed(seen, done, proposed, suspected)):
                    return change
        return choose(best, suspicion).hypothesis if best else None

    def _clearest(self, proved: Sequence[Proved], seen: Seen, done: Patched) -> list[Proved]:
        """Of several explanations the ones after which the fewest expressions hold something unknown."""
        groups = explanations(proved, seen.suspicion)
        if not 1 < len(groups) <= _MOST_EXPLANATIONS:
            return list(proved)
        unknown = []
        for group in groups:
            after = self.look([seen.derivation], [{**done, **patches_of(group[0].hypothesis, seen)}])
            unknown.append(len(after[0].suspicion.unnamed) if after else len(seen.suspicion.recording.nodes))
        kept = [one for group, n in zip(groups, unknown, strict=True) if n == min(unknown) for one in group]
        return kept or list(proved)

    def _made_elsewhere(
        self, seen: Sequence[Seen], done: Sequence[Patched], chosen: Hypothesis, influence: Influence
    ) -> Change | None:
        """A change of what an expression reads, where that mends all, and no change of the expression does.

        Of an expression of which parts have no names, it is not known whether it computes what is wrong, or reads it.
        """
        suspicion = next(each.suspicion for each in seen if chosen.node in each.suspicion.recording.by_node)
        recording, parts = suspicion.recording, {*suspicion.recording.within(chosen.node)}
        if not any(suspicion.may_be_wrong(part) for part in parts - {chosen.node}):
            return None
        made = {node for part in parts for node in suspicion.makers(part)}
        makers = {node for whole in made for node in recording.within(whole) if node not in parts}
        for suspected in (influence.on_all, influence.on_more):
            some = {node for node in makers if suspected(node)}
            change = self._changed(seen, done, either, some.__contains__) if some else None
            if change and change.is_specific:
                own = self._changed(seen, done, either, parts.__contains__)
                return None if own and own.is_specific else change
        return None

    def _again(self, seen: Sequence[Seen], done: Sequence[Patched], at: int) -> Hypothesis | Change | None:
        """What mends all in the place of a cause that was found on other probes; a part, where there were several."""
        self.budget = _MOST_TRIALS
        best: list[Proved] = []
        for known in self.known:
            if isinstance(known, Change):
                if all(self.all_right([known], each, put_there) for each, put_there in zip(seen, done, strict=True)):
                    return known
                continue
            recording = seen[at].suspicion.recording
            best += self._proved(seen, done, at, lambda node, known=known: node == known.node, {*Sort})  # type: ignore[misc]
            if any(not one.count for one in best):
                return choose(best, seen[at].suspicion).hypothesis
            parts = {*recording.within(known.node)} if known.node in recording.nodes else {known.node}
            if change := self._changed(seen, done, changes, parts.__contains__):
                return change
        return choose(best, seen[at].suspicion).hypothesis if best and len(self.known) > 1 else None

    def _proved(
        self, seen: Sequence[Seen], done: Sequence[Patched], at: int, suspected: Suspected, sorts: Collection[Sort]
    ) -> list[Proved]:
        """The hypotheses that mend something on every probe where something is wrong, and spoil nothing."""
        main, others = seen[at], [number for number in range(len(seen)) if number != at]
        best: list[Proved] = []
        tried: list[Trial] = []
        shapes = any(each.ill_shaped for each in seen)
        for _, stage in trials(main, done[at], suspected, sorts, shapes=shapes):
            if not self.budget or self.is_late():
                break
            self.try_all(main, stage)
            mending = sorted((t for t in stage if t.mends(main.wrong)), key=lambda t: len(t.wrong or ()))
            proved = [Proved(h, (t.wrong or frozenset(),)) for t in mending for h in t.hypotheses]
            tried += [t for t in mending if not t.wrong]
            useless = where_any_value_mends(tried)
            proved = [p for p in proved if p.hypothesis.node not in useless]
            best = [p for p in best if p.hypothesis.node not in useless]
            for other in others:
                proved = self.hold(proved[:_MOST_PROVED], seen[other], done[other])
            found = causes(proved, main.suspicion)
            best += found
            self.made_of_unknown += [one for one in proved if one not in found and not any(done)]
            if any(not one.count for one in best):
                break
        return best

    def _changed(
        self, seen: Sequence[Seen], done: Sequence[Patched], propose: Propose, suspected: Suspected
    ) -> Change | None:
        """A change of one expression, whatever its value is called, after which nothing is wrong on any probe."""
        wrong = [n for n, each in enumerate(seen) if each.wrong]
        at = min(wrong, key=lambda n: len(seen[n].suspicion.recording.visits))
        self.budget, before = _MOST_CHANGES, self.budget
        main, proved = seen[at], list[Change]()
        proposed = islice(propose(main.suspicion, suspected), _MOST_CHANGES)
        while not any(change.is_specific for change in proved) and (some := list(islice(proposed, AT_ONCE))):
            proved += self.all_right(some, main, done[at])
        if self.countless:
            proved = [change for change in proved if change.node not in main.suspicion.recording.counted]
        for number, other in enumerate(seen):
            if number != at and proved:
                proved = self.all_right(proved, other, done[number])
        self.budget = before
        return best_of(proved, main.suspicion)


def _without(derivation: Derivation, outputs: Collection[str]) -> Derivation:
    return replace(derivation, outputs={n: value for n, value in derivation.outputs.items() if n not in outputs})
