"""Hypotheses as trials: what is put where on each probe, what came out, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.pinpoint.hypotheses import Hypothesis, Patched, Sort, hypotheses, otherwise_shaped
from grader.pinpoint.naming import Names, same
from grader.pinpoint.recording import Recording
from grader.pinpoint.suspects import Suspicion, suspect
from grader.records import AnyArray, Derivation, FloatArray, Observation, Outcome

_DOUBLE, _SINGLE = 1e-7, 1e-3
_MOST_TRIALS = {Sort.SHAPE: 30, Sort.LIKELY: 120, Sort.PLAIN: 80, Sort.ODD: 100}
_AT_ONCE = 16
"""Trials that are worth a run of their own."""


def wrong_outputs(derivation: Derivation, observation: Observation) -> frozenset[str]:
    """The outputs that a run left out, or gave with other numbers or another shape."""
    return frozenset(
        name for name, right in derivation.outputs.items() if not _agrees(observation.arrays.get(name), right)
    )


def _agrees(value: AnyArray | None, right: FloatArray) -> bool:
    if value is None or value.shape != right.shape:
        return False
    tolerance = _SINGLE if value.dtype == np.float32 else _DOUBLE
    off = np.abs(value - right)
    return bool(np.all(off <= tolerance * max(np.abs(right).max(initial=0.0), 1e-300)))


@dataclass(frozen=True)
class Seen:
    """What a run with instruments on one probe told; `given` are the wrong outputs of the first call."""

    derivation: Derivation
    suspicion: Suspicion
    wrong: frozenset[str]
    given: tuple[FloatArray, ...]
    crashed: bool

    @property
    def ill_shaped(self) -> bool:
        """Whether it ended with an error, or gave an output of another size, as what belongs there may have."""
        sizes = {value[0].size for value in self.derivation.outputs.values() if len(value)}
        return self.crashed or any(value.size not in sizes for value in self.given)

    @property
    def names(self) -> Names:
        """The quantities of the probe."""
        return self.suspicion.names


def seen_in(derivation: Derivation, observation: Observation, recording: Recording) -> Seen:
    """What a run told."""
    wrong = wrong_outputs(derivation, observation)
    arrays = [observation.arrays[name] for name in sorted(wrong) if name in observation.arrays]
    given = tuple(array[0].astype(np.float64) for array in arrays if array.ndim and len(array))
    suspicion = suspect(recording, Names(derivation.known))
    return Seen(derivation, suspicion, wrong, given, observation.outcome is Outcome.RAISED)


@dataclass
class Trial:
    """What is put where on a probe, all hypotheses that say so, and in the end the outputs that are still wrong."""

    patches: Patched
    hypotheses: list[Hypothesis] = field(default_factory=list)
    wrong: frozenset[str] | None = None

    def mends(self, before: frozenset[str]) -> bool:
        """Whether it makes some outputs right, and none wrong."""
        return self.wrong is not None and self.wrong < before


def trials(seen: Seen, done: Patched, *, shapes: bool) -> Iterator[tuple[Sort, list[Trial]]]:
    """The trials of a probe in stages, the most suspected first; hypotheses that put the same values are one.

    Of one sort of hypotheses there are several stages, one for each suspect and what it is made of.

    Args:
        done: what has been mended already, and stays so.
        shapes: whether something may lie the wrong way round.
    """
    found: dict[object, Trial] = {}
    mended = {node for node, _, _ in done}
    rest = dict(_MOST_TRIALS)
    last, stage = Sort.SHAPE, list[Trial]()
    for sort, proposed in _stages(seen, shapes=shapes):
        if stage and (sort is not last or len(stage) >= _AT_ONCE):
            yield last, stage
            stage = []
        last = sort
        for hypothesis in proposed:
            patches = {} if hypothesis.node in mended else hypothesis.patches(seen.suspicion.recording, seen.names)
            if not patches or (sort is Sort.SHAPE and not _turns(patches, seen)):
                continue
            key = put(patches)
            if key not in found:
                if not rest[sort]:
                    break
                rest[sort] -= 1
                found[key] = Trial({**done, **patches})
                stage.append(found[key])
            found[key].hypotheses.append(hypothesis)
    if stage:
        yield last, stage


def _turns(patches: Patched, seen: Seen) -> bool:
    """Whether patches have the entries of what they replace, and differ in shape or order alone."""
    pairs = [
        (visit.value, patches[place])
        for visit in seen.suspicion.recording.visits
        if (place := (visit.node, visit.call, visit.count)) in patches
    ]
    return all(a.size == b.size and same(np.sort(a, axis=None), np.sort(b, axis=None), 1e-4) for a, b in pairs)


def put(patches: Patched) -> object:
    """What tells patches that put the same values from others."""
    places = sorted(patches)
    return tuple((place, patches[place].shape, patches[place].round(12).tobytes()) for place in places)


def _stages(seen: Seen, *, shapes: bool) -> Iterator[tuple[Sort, Iterator[Hypothesis]]]:
    recording, names, freely = seen.suspicion.recording, seen.names, seen.ill_shaped
    groups = [*seen.suspicion.groups(seen.given, crashed=seen.crashed)]
    first = [node for group in groups for node in group]
    odd = first if shapes else seen.suspicion.giving(seen.given)
    yield Sort.SHAPE, (h for node in odd for h in otherwise_shaped(node, recording, names))
    others = seen.suspicion.others(first)
    for group in groups:
        yield Sort.LIKELY, _all(group, recording, names, Sort.LIKELY, freely=freely)
    for group in groups:
        yield Sort.PLAIN, _all(group, recording, names, Sort.PLAIN, freely=freely)
    yield Sort.PLAIN, _all(others, recording, names, Sort.LIKELY)
    for nodes in (*groups, others):
        yield Sort.ODD, _all(nodes, recording, names, Sort.ODD)


def _all(
    nodes: Sequence[int], recording: Recording, names: Names, sort: Sort, *, freely: bool = False
) -> Iterator[Hypothesis]:
    for node in nodes:
        yield from hypotheses(node, recording, names, sort, freely=freely)


@dataclass(frozen=True)
class Proved:
    """A hypothesis with the outputs that are wrong after it, on each probe in turn."""

    hypothesis: Hypothesis
    left: tuple[frozenset[str], ...]

    @property
    def count(self) -> int:
        """How many outputs are left wrong."""
        return sum(map(len, self.left))
