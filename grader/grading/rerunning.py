"""Run a submission again and again with something changed, and see what comes of it; as often as may be."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grader.judging.integrity import AUTOGRAD_NODES
from grader.pinpoint.changes import Change
from grader.pinpoint.hypotheses import Hypothesis, Patched
from grader.pinpoint.influence import SHIFT, Influence, differing, disturbed, wholes_of
from grader.pinpoint.recording import decode
from grader.pinpoint.trying import Proved, Seen, Trial, in_later_calls, put, seen_in, wrong_outputs
from grader.records import Derivation, Observation, Outcome
from grader.sandbox.jobs import Patch, Rerun, Session

_MOST_STEPS = 480_000
"""Of one submission, in all runs with a value corrected: it is these that end most searches, so that a report is the
same on any machine."""
_STEPS_OF_A_RUN, _STEPS_OF_A_CALL = 1000, 100
"""What a run takes that meets no expression, as so many more; and what the exercise does around each call."""
_MOST_SECONDS = 1.1
"""Of the processor, on both sides of the sandbox, once the submission is loaded: for what takes long in few steps."""
AT_ONCE, _AT_ONCE_LATER = 40, 10
"""Runs for which the process is asked at a time; so many once half of the time is used up."""
_RECORD, _RECORDED = ("record", 12_500), ("recorded values", 15_000)
"""The quantities of a record, and a quarter of the entries that they may have."""

Wanted = tuple[Derivation, Patched]


@dataclass
class Reruns:
    """Where the runs of one submission take place; how many more there may be for what is looked for, and steps at all.

    `strict` are the outputs whose shape counts; `began` is the time of the processor when the submission was loaded.
    `alone` are probes of other parts; where all is right there, something depends on the `proved` expressions.
    """

    session: Session
    probes: Sequence[str]
    budget: int = 0
    steps: int = _MOST_STEPS
    strict: frozenset[str] = frozenset()
    began: float | None = None
    alone: Sequence[Derivation] = ()
    proved: frozenset[int] = frozenset()

    def influence(self, seen: Seen, done: Patched) -> Influence:
        """The outputs that depend on each expression, and what is proved; nothing of a run that ended with an error."""
        found = self._influence(seen, done, seen.suspicion.recording.by_node.keys())
        suspected = set(found.suspected - self.proved)
        for other in self._right if suspected else ():
            shared = suspected & other.suspicion.recording.by_node.keys()
            self.proved |= self._influence(other, {}, shared, shift=0.0).acquitted if shared else frozenset()
            suspected -= shared
        return replace(found, proved=self.proved)

    @cached_property
    def _right(self) -> list[Seen]:
        """The parts in which all is right; of one example, a sum is as right as a mean."""
        several = [told for told in self.alone if not _is_of_one_example(told)]
        return [each for told in several for each in self.look([told], [{}]) if not each.wrong]

    def _influence(self, seen: Seen, done: Patched, nodes: Collection[int], shift: float = SHIFT) -> Influence:
        recording = seen.suspicion.recording
        often = {node for node in recording.by_node if len(recording.the_call(node)) > 1}
        wholes = {node: whole for node, whole in wholes_of(recording).items() if node in nodes}
        patches = {n: disturbed(n, recording, shift) for n in dict.fromkeys(wholes.values()) if not seen.crashed}
        patches = {node: put_there for node, put_there in patches.items() if put_there}
        self.budget = len(patches) + 1
        found = self.runs_with(seen, [done, *({**done, **put_there} for put_there in patches.values())])
        unsteady = self._differing(seen, found[0]) if found else frozenset[str]()
        if unsteady & seen.wrong:  # what is drawn anew in each run tells nothing
            patches = {}
        changed = {
            node: self._differing(seen, each) - unsteady
            for node, each in zip(patches, found[1:], strict=False)
            if each.outcome is Outcome.RETURNED
        }
        of_parts = {node: changed[whole] for node, whole in wholes.items() if whole in changed}
        mended = {node for node, each in zip(patches, found[1:], strict=False) if not self._wrong(seen, each)}
        useless = frozenset(node for node, whole in wholes.items() if whole in mended)
        return Influence(of_parts, often, seen.wrong, useless)

    @staticmethod
    def _differing(seen: Seen, after: Observation) -> frozenset[str]:
        return differing(seen.arrays, {n: a for n, a in after.arrays.items() if n in seen.derivation.outputs})

    def all_right(self, some: Sequence[Change], seen: Seen, done: Patched) -> list[Change]:
        """Those after which nothing is wrong on a probe."""
        listed = [Trial({**done, **change.patches(seen.suspicion.recording, seen.names)}) for change in some]
        self.try_all(seen, listed)
        return [change for change, trial in zip(some, listed, strict=True) if trial.wrong == frozenset()]

    def hold(self, proved: Sequence[Proved], seen: Seen, done: Patched) -> list[Proved]:
        """Those of the hypotheses that hold on another probe, too."""
        found: dict[object, Trial] = {}
        by_hypothesis: dict[Hypothesis, Trial] = {}
        for one in proved:
            patches = patches_of(one.hypothesis, seen)
            by_hypothesis[one.hypothesis] = found.setdefault(put(patches), Trial({**done, **patches}))
        some = list(found.values())
        self.try_all(seen, some)
        return [
            Proved(one.hypothesis, (*one.left, trial.wrong))
            for one in proved
            if (trial := by_hypothesis[one.hypothesis]).wrong is not None
            and (trial.mends(seen.wrong) or (not seen.wrong and not trial.wrong))
        ]

    def try_all(self, seen: Seen, some: Sequence[Trial]) -> None:
        """Run trials, and note what is wrong after each."""
        for trial, observation in zip(some, self.runs_with(seen, [trial.patches for trial in some]), strict=False):
            if observation.outcome in (Outcome.RETURNED, Outcome.RAISED):
                trial.wrong = self._wrong(seen, observation)

    def _wrong(self, seen: Seen, observation: Observation) -> frozenset[str]:
        is_single = seen.suspicion.recording.is_single
        return wrong_outputs(seen.derivation, observation, self.strict, single=is_single)

    def runs_with(self, seen: Seen, some: Sequence[Patched]) -> list[Observation]:
        """What comes of each, as many as may be run."""
        found: list[Observation] = []
        visits = seen.suspicion.recording.visits
        each = _STEPS_OF_A_RUN + len(visits) + _STEPS_OF_A_CALL * len({visit.call for visit in visits})
        while not self.is_late():
            at_once = AT_ONCE if self._since() < _MOST_SECONDS / 2 else _AT_ONCE_LATER
            rest = some[len(found) : len(found) + min(at_once, self.budget, max(0, self.steps // each))]
            if not rest:
                break
            self.budget -= len(rest)
            self.steps -= len(rest) * each
            found += self._run([(seen.derivation, patches) for patches in rest])
        return found

    def is_late(self) -> bool:
        """Whether what a search may take is used up."""
        return self.steps < _STEPS_OF_A_RUN or self._since() > _MOST_SECONDS

    def _since(self) -> float:
        """Seconds of the processor since the submission was loaded."""
        return self._used() - (self.began or 0.0)

    def _used(self) -> float:
        return self.session.used + time.thread_time()

    def look(self, derivations: Sequence[Derivation], done: Sequence[Patched]) -> list[Seen]:
        """Run with some values corrected, and see what all expressions hold; empty where that cannot be had."""
        wanted = list(zip(derivations, done, strict=True))
        seen = []
        for derivation, observation in zip(derivations, self._run(wanted, recording=True), strict=True):
            recording = decode(*(observation.arrays.get(name) for name, _ in (_RECORD, _RECORDED)))
            if recording is None:
                return []
            seen.append(seen_in(derivation, observation, recording, self.strict))
        self.began = self._used() if self.began is None else self.began
        return seen

    def _run(self, wanted: Sequence[Wanted], *, recording: bool = False) -> list[Observation]:
        reruns = [
            Rerun(
                self.probes.index(derivation.probe.name),
                [Patch(*place, value) for place, value in put.items()],
                [
                    *((name, value[0].size) for name, value in derivation.outputs.items()),
                    (AUTOGRAD_NODES, 1),
                    *((_RECORD, _RECORDED) if recording else ()),
                ],
            )
            for derivation, put in wanted
        ]
        return [*self.session.ask(reruns).observations.values()]


def _is_of_one_example(derivation: Derivation) -> bool:
    """Whether the first input that has several axes has one of length 1."""
    shapes = map(np.shape, derivation.probe.inputs.values())
    return 1 in next((shape for shape in shapes if len(shape) > 1), ())


def patches_of(hypothesis: Hypothesis | Change, seen: Seen) -> Patched:
    """What a hypothesis puts where; where nothing fits, the shape may be what is wrong."""
    recording, names = seen.suspicion.recording, seen.names
    if isinstance(hypothesis, Change):
        return hypothesis.patches(recording, names)
    patches = hypothesis.patches(recording, names)
    if seen.ill_shaped and not patches:
        patches = replace(hypothesis, reshaped=True).patches(recording, names)
    return in_later_calls(patches, seen)
