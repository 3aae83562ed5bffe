"""Hypotheses as trials: what is put where on each probe, what came out, and which of them hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from grader.pinpoint.hypotheses import Hypothesis, Patched, Sort, hypotheses, otherwise_shaped
from grader.pinpoint.naming import Names, long_axes, same
from grader.pinpoint.recording import Recording
from grader.pinpoint.suspects import Suspicion, suspect
from grader.records import AnyArray, Derivation, FloatArray, Observation, Outcome
from grader.wire.quantity_names import is_adjoint

_DOUBLE, _SINGLE = 1e-7, 1e-3
_MOST_TRIALS = {Sort.SHAPE: 30, Sort.LIKELY: 90, Sort.PLAIN: 50, Sort.ODD: 80}
_MOST_LOOKED_AT = 1000
"""Hypotheses of which it is seen what they would put where."""
_AT_ONCE = 16
"""Trials that are worth a run of their own."""
_LATER = (1, 2)
_MOST_COMPUTED = 200
_UNLIKE = 3
"""So many values that mend and have nothing in common tell that no value is missing."""


def wrong_outputs(
    derivation: Derivation, observation: Observation, strict: Collection[str], *, single: bool
) -> frozenset[str]:
    """The outputs that a run left out, or gave with other numbers or another shape.

    Args:
        strict: those whose shape is wrong; of others grading accepts axes of length one wherever they are.
        single: the submission computes in single precision, in whatever it stores the results.
    """
    return frozenset(
        name
        for name, right in derivation.outputs.items()
        if not _agrees(observation.arrays.get(name), right, strict=name in strict, single=single)
    )


def _agrees(value: AnyArray | None, right: FloatArray, *, strict: bool, single: bool) -> bool:
    if value is None or len(value) != len(right):
        return False
    if not strict and long_axes(value.shape[1:]) == long_axes(right.shape[1:]):
        value = value.reshape(right.shape)
    if value.shape != right.shape:
        return False
    tolerance = _SINGLE if single or value.dtype == np.float32 else _DOUBLE
    off = np.abs(value - right)
    return bool(np.all(off <= tolerance * max(np.abs(right).max(initial=0.0), 1e-300)))


@dataclass(frozen=True)
class Seen:
    """What a run with instruments on one probe told; `given` are the wrong outputs of the first call, `arrays` all.

    `ill_shaped`: it ended with an error, or gave an output of another size, as what belongs there may have.
    """

    derivation: Derivation
    suspicion: Suspicion
    wrong: frozenset[str]
    given: tuple[FloatArray, ...]
    arrays: Mapping[str, AnyArray]
    crashed: bool
    ill_shaped: bool

    @property
    def names(self) -> Names:
        """The quantities of the probe."""
        return self.suspicion.names

    @cached_property
    def groups(self) -> list[list[int]]:
        """The suspected expressions, in the order in which they are tried."""
        return [*self.suspicion.groups(self.given, crashed=self.crashed)]

    @cached_property
    def giving(self) -> list[int]:
        """The expressions that held what was given out, the last first."""
        return self.suspicion.giving(self.given)


def seen_in(derivation: Derivation, observation: Observation, recording: Recording, strict: Collection[str]) -> Seen:
    """What a run told."""
    wrong = wrong_outputs(derivation, observation, strict, single=recording.is_single)
    arrays = {name: observation.arrays[name] for name in sorted(wrong) if name in observation.arrays}
    given = {name: array[0].astype(np.float64) for name, array in arrays.items() if array.ndim and len(array)}
    of_other_size = any(value.size != derivation.outputs[name][0].size for name, value in given.items())
    factor = common_factor([(given[name], derivation.outputs[name][0]) for name in given])
    names = Names(derivation.known, factor)
    asked = {name: [told for told, _ in names.of(array[0], _DOUBLE)] for name, array in derivation.outputs.items()}
    right = {told for name in asked.keys() - wrong for told in asked[name] if is_adjoint(told)}
    if right:
        given_out = {told for listed in asked.values() for told in listed}
        names = names.with_sums(_made_into(right, recording, names), given_out)
    suspicion = suspect(recording, names)
    crashed = observation.outcome is Outcome.RAISED
    outputs = {name: array for name, array in observation.arrays.items() if name in derivation.outputs}
    ill_shaped = crashed or of_other_size
    return Seen(derivation, suspicion, wrong, tuple(given.values()), outputs, crashed, ill_shaped)


def _made_into(right: Set[str], recording: Recording, names: Names) -> Iterator[tuple[FloatArray, float]]:
    """What right gradients, or multiples of them, were computed from, with its tolerance."""
    computed = (node for node in recording.by_node if not recording.nodes[node].is_read)
    for node in islice(computed, _MOST_COMPUTED):
        first = recording.by_node[node][0]
        if right & {name for name, _, _ in names.multiples(first.value, first.tolerance)}:
            parts = (part for part in recording.within(node) if part != node and part in recording.by_node)
            yield from ((visit.value, visit.tolerance) for part in parts for visit in recording.by_node[part][:1])


def common_factor(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> float | None:
    """By what all of some arrays are to be multiplied to be others; None where there is no such number."""
    if not pairs or any(given.size != right.size for given, right in pairs):
        return None
    given, right = (np.concatenate([pair[n].ravel() for pair in pairs]).astype(np.float64) for n in (0, 1))
    squares = float(given @ given)
    factor = float(given @ right) / squares if squares else 0.0
    return factor if factor and same(factor * given, right, 1e-6) else None


@dataclass
class Trial:
    """What is put where on a probe, all hypotheses that say so, and in the end the outputs that are still wrong."""

    patches: Patched
    hypotheses: list[Hypothesis] = field(default_factory=list)
    wrong: frozenset[str] | None = None

    def mends(self, before: frozenset[str]) -> bool:
        """Whether it makes some outputs right, and none wrong."""
        return self.wrong is not None and self.wrong < before


def where_any_value_mends(mending: Sequence[Trial]) -> set[int]:
    """The expressions where values mend that have nothing in common, not even their signs: no value is missing there.

    A file may have another way of doing its work, which is taken once the usual one fails.
    """
    signs: dict[int, set[bytes]] = {}
    for trial in mending:
        for node in {hypothesis.node for hypothesis in trial.hypotheses}:
            put_there = [value for place, value in sorted(trial.patches.items()) if place[0] == node]
            signs.setdefault(node, set()).add(b"".join((value > 0).tobytes() for value in put_there))
    return {node for node, different in signs.items() if len(different) >= _UNLIKE}


def trials(
    seen: Seen, done: Patched, suspected: Callable[[int], bool], sorts: Collection[Sort], *, shapes: bool
) -> Iterator[tuple[Sort, list[Trial]]]:
    """The trials of a probe in stages, the most suspected first; hypotheses that put the same values are one.

    Of one sort of hypotheses there are several stages, one for each suspect and what it is made of.

    Args:
        done: what has been mended already, and stays so.
        suspected: tells the expressions for which there are any.
        sorts: of hypotheses.
        shapes: whether something may lie the wrong way round.
    """
    found: dict[object, Trial] = {}
    mended = {node for node, _, _ in done}
    rest = dict(_MOST_TRIALS)
    last, stage, looked_at = Sort.SHAPE, list[Trial](), 0
    for sort, proposed in _stages(seen, suspected, shapes=shapes):
        if sort not in sorts:
            continue
        if stage and (sort is not last or len(stage) >= _AT_ONCE):
            yield last, stage
            stage = []
        last = sort
        for hypothesis in islice(proposed, _MOST_LOOKED_AT - looked_at):
            looked_at += 1
            patches = {} if hypothesis.node in mended else hypothesis.patches(seen.suspicion.recording, seen.names)
            patches = in_later_calls(patches, seen)
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


def in_later_calls(patches: Patched, seen: Seen) -> Patched:
    """The same in the calls that a run would go on to, had it not ended with an error."""
    if not seen.crashed:
        return patches
    later = {(node, call + n, count): value for (node, call, count), value in patches.items() for n in _LATER}
    return later | patches


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
    return tuple((place, patches[place].shape, patches[place].astype(np.float32).tobytes()) for place in places)


def _stages(
    seen: Seen, suspected: Callable[[int], bool], *, shapes: bool
) -> Iterator[tuple[Sort, Iterator[Hypothesis]]]:
    recording, names, freely = seen.suspicion.recording, seen.names, seen.ill_shaped
    groups = [[node for node in group if suspected(node)] for group in seen.groups]
    first = [node for group in groups for node in group]
    odd = first if shapes else [node for node in seen.giving if suspected(node)]
    yield Sort.SHAPE, (h for node in odd for h in otherwise_shaped(node, recording, names))
    others = [node for node in seen.suspicion.others(first) if suspected(node)]
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
