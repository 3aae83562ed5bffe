"""Hypotheses as trials: what is put where on each probe, what came out, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.pinpoint.hypotheses import Hypothesis, Patched, hypotheses
from grader.pinpoint.naming import Names
from grader.pinpoint.suspects import Suspicion
from grader.records import AnyArray, Derivation, FloatArray, Observation

_DOUBLE, _SINGLE = 1e-7, 1e-3


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
    """What a run with instruments on one probe told."""

    derivation: Derivation
    suspicion: Suspicion
    wrong: frozenset[str]
    crashed: bool

    @property
    def names(self) -> Names:
        """The quantities of the probe."""
        return self.suspicion.names


@dataclass
class Trial:
    """What is put where on a probe, all hypotheses that say so, and in the end the outputs that are still wrong."""

    patches: Patched
    hypotheses: list[Hypothesis] = field(default_factory=list)
    wrong: frozenset[str] | None = None

    def mends(self, before: frozenset[str]) -> bool:
        """Whether it makes some outputs right, and none wrong."""
        return self.wrong is not None and self.wrong < before


def trials(seen: Seen, done: Mapping[tuple[int, int, int], FloatArray], most: int) -> list[Trial]:
    """The trials of a probe, the most suspected first; hypotheses that put the same values are one.

    Args:
        done: what has been mended already, and stays so.
    """
    found: dict[tuple[object, ...], Trial] = {}
    for hypothesis in _proposed(seen):
        if any(place[0] == hypothesis.node for place in done):
            continue
        patches = hypothesis.patches(seen.suspicion.recording, seen.names)
        if not patches:
            continue
        key = tuple((place, value.shape, value.round(12).tobytes()) for place, value in sorted_items(patches))
        if key not in found:
            if len(found) == most:
                break
            found[key] = Trial({**done, **patches})
        found[key].hypotheses.append(hypothesis)
    return list(found.values())


def sorted_items(patches: Patched) -> Sequence[tuple[tuple[int, int, int], FloatArray]]:
    """In order of the places."""
    return sorted(patches.items(), key=lambda item: item[0])


def _proposed(seen: Seen) -> Iterator[Hypothesis]:
    for node in seen.suspicion.order(crashed=seen.crashed):
        yield from hypotheses(node, seen.suspicion.recording, seen.names, freely=seen.crashed)


@dataclass(frozen=True)
class Proved:
    """A hypothesis with the outputs that are wrong after it, on each probe in turn."""

    hypothesis: Hypothesis
    left: tuple[frozenset[str], ...]

    @property
    def count(self) -> int:
        """How many outputs are left wrong."""
        return sum(map(len, self.left))
