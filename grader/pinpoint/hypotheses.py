"""What could stand in the place of an expression's values: a quantity, or, in a loop, one of each layer in turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from grader.pinpoint.naming import Names, family, same
from grader.pinpoint.recording import WHOLE, Recording, Visit
from grader.records import FloatArray
from grader.wire.expressions import READS
from grader.wire.quantity_names import is_adjoint, is_slope, is_slope_of_square

Patched = dict[tuple[int, int, int], FloatArray]
"""By expression, call, and how often it was met before in that call: what is put in the place of its value."""

Walk = tuple[int | None, int, bool]
"""Where the number of a layer starts, how it goes on, and whether it is counted from the top."""
_MOST_VISITS = 400
OF_EACH_CALL = "of each call"
_SUMS = ("at the end of each", "at the end of all")


@dataclass(frozen=True)
class Hypothesis:
    """An expression should hold a family of quantities, one after the other as it is met again.

    At the k-th visit (from 0) of a call the number of the layer is `start + step k`, counted from the top with
    `from_top`. With `pattern`, visits are parts instead: see `_pieces`.

    Attributes:
        flipped: transposed.
        reshaped: in the shape of the quantity and not of the value that it replaces.
    """

    node: int
    family: str
    start: int | None
    step: int
    from_top: bool
    flipped: bool
    reshaped: bool
    pattern: str = ""
    sizes_of: str = ""

    def index(self, names: Names, count: int) -> int | None:
        """The number of the layer at a visit."""
        if self.start is None:
            return None
        return self.start + self.step * count + (names.depth if self.from_top else 0)

    def patches(self, recording: Recording, names: Names) -> Patched:
        """What it puts where, on a probe; empty where it changes nothing, or does not fit."""
        if self.pattern == OF_EACH_CALL:
            return self._in_calls(recording, names)
        visits = recording.the_call(self.node)
        values = self._pieces(visits, names) if self.pattern else self._each(visits, names)
        if not any(_differs(value, visit) for value, visit in zip(values, visits, strict=False) if value is not None):
            return {}
        calls = {v.call for v in recording.by_node.get(self.node, []) if v.count == 0 and _alike(v, visits[0])}
        return {
            (self.node, call, count): value
            for call in sorted(calls)
            for count, value in enumerate(values)
            if value is not None
        }

    def _in_calls(self, recording: Recording, names: Names) -> Patched:
        """In each call that of the layer that the call is about."""
        members, found = names.families.get(self.family, {}), Patched()
        for visit in recording.by_node.get(self.node, ()):
            if visit.call not in recording.layers:
                continue
            quantity = members.get(recording.layers[visit.call])
            value = None if quantity is None else self._fitted(quantity, visit.value)
            if value is None:
                return {}
            found[visit.node, visit.call, visit.count] = value
        return found

    def changes(self, recording: Recording, names: Names) -> Iterator[tuple[Visit, FloatArray]]:
        """The visits of a call whose values it changes, and what it puts there."""
        patches = self.patches(recording, names)
        for visit in recording.the_call(self.node):
            value = patches.get((visit.node, visit.call, visit.count))
            if value is not None and _differs(value, visit):
                yield visit, value

    def _each(self, visits: Sequence[Visit], names: Names) -> list[FloatArray | None]:
        members = names.families.get(self.family, {})
        values: list[FloatArray | None] = []
        for count in range(max(len(visits), names.depth if self.step else 1)):
            quantity = members.get(self.index(names, count))
            if quantity is None:  # a loop may begin or end beyond the layers that have one
                if 0 < count < len(visits) - 1:
                    return []
                values.append(None)
            elif count < len(visits):
                value = self._fitted(quantity, visits[count].value)
                if value is None:
                    return []
                values.append(value)
            else:
                values.append(quantity.T if self.flipped else quantity)
        return values

    def _fitted(self, quantity: FloatArray, value: FloatArray) -> FloatArray | None:
        wanted = quantity.T if self.flipped else quantity
        if self.reshaped:
            return _lying_like(value, wanted) if wanted.size != value.size else wanted
        if wanted.shape == value.shape:
            return wanted
        flat = value.size == wanted.size == max(wanted.shape, default=1)
        return wanted.reshape(value.shape) if flat else None

    def _pieces(self, visits: Sequence[Visit], names: Names) -> list[FloatArray | None]:
        """The entries of quantities, cut into as many pieces as there are visits: one number, or a row, at a time."""
        if self.pattern in _SUMS:
            return self._sums(visits, names)
        entries = _stream(self, names)
        if entries is None or entries.size != sum(visit.value.size for visit in visits):
            return []
        ends = np.cumsum([visit.value.size for visit in visits])[:-1]
        pieces = np.split(entries, ends)
        return [piece.reshape(visit.value.shape) for piece, visit in zip(pieces, visits, strict=True)]

    def _sums(self, visits: Sequence[Visit], names: Names) -> list[FloatArray | None]:
        """The quantities where a sum is complete: of many visits of each entry the last, or the last ones of all."""
        members = names.families.get(self.family, {})
        parts = [members.get(n) for n in _order(members, self.index(names, 0), self.step)]
        entries = [part for part in parts if part is not None]
        size, count = visits[0].value.size, sum(part.size for part in entries)
        times, rest = divmod(size * len(visits), max(1, count))
        if rest or times < 2 or len(entries) < len(parts) or any(part.size % size for part in entries):
            return []
        values: list[FloatArray | None] = []
        for part in entries:
            pieces = [piece.reshape(visits[0].value.shape) for piece in np.split(part.ravel(), part.size // size)]
            waiting: list[None] = [None] * (times - 1)
            if self.pattern == "at the end of all":
                values += [*waiting * len(pieces), *pieces]
            else:
                values += [value for piece in pieces for value in (*waiting, piece)]
        return values


def _lying_like(value: FloatArray, wanted: FloatArray) -> FloatArray:
    """A vector, row or column of another length, as a value is one."""
    if value.size < 2 or max(value.shape) < value.size or max(wanted.shape, default=1) < wanted.size:
        return wanted
    return wanted.reshape([wanted.size if length > 1 else 1 for length in value.shape])


def _stream(told: Hypothesis, names: Names) -> FloatArray | None:
    """The entries of each member in turn: in order (`once`), each many times, or all of them many times over.

    How many times, another family tells: `delta[i]` in a loop over the entries of `W[l]` is met once for each of them.
    """
    members = names.families.get(told.family, {})
    sizes = names.families.get(told.sizes_of, members)
    parts = []
    for index in _order(members, told.index(names, 0), told.step):
        quantity, other = members.get(index), sizes.get(index)
        if quantity is None or other is None or other.size % quantity.size:
            return None
        flat, times = (quantity.T if told.flipped else quantity).ravel(), other.size // quantity.size
        parts.append(np.repeat(flat, times) if told.pattern == "each" else np.tile(flat, times))
    return np.concatenate(parts) if parts else None


def _order(members: Collection[int | None], start: int | None, step: int) -> list[int | None]:
    """The numbers of the layers that a loop goes through, down or up from a start as far as there are any."""
    if start is None or not step:
        return [start]
    numbers = [n for n in members if n is not None and (n - start) * step >= 0]
    return [*sorted(numbers, reverse=step < 0)]


def _alike(visit: Visit, other: Visit) -> bool:
    return visit.value.shape == other.value.shape and same(visit.value, other.value, visit.tolerance)


def _differs(value: FloatArray, visit: Visit) -> bool:
    return value.shape != visit.value.shape or not same(visit.value, value, visit.tolerance)


class Sort(Enum):
    """Which hypotheses, by what is tried first: the same in another shape; what is likely; what fits; walks, pieces."""

    SHAPE = 0
    LIKELY = 1
    PLAIN = 2
    ODD = 3


def hypotheses(node: int, recording: Recording, names: Names, sort: Sort, *, freely: bool) -> Iterator[Hypothesis]:
    """What could stand in the place of an expression, as far as sizes tell.

    Args:
        freely: also of other sizes: where the run ended with an error.
    """
    visits = recording.the_call(node)
    if not visits or len(visits) > _MOST_VISITS:
        return
    if visits[0].precision == WHOLE:
        if sort is Sort.LIKELY:
            yield from _for_a_number(node, names)
        return
    held = {family(name) for name, _ in names.of(visits[0].value, visits[0].tolerance)}
    is_read = recording.nodes[node].kind in READS
    if sort is Sort.LIKELY and len(recording.layers) > 1:
        numbered = (told for told, members in names.families.items() if len(members) > 1)
        yield from (Hypothesis(node, told, None, 0, False, False, False, OF_EACH_CALL) for told in numbered)
    for told, members in names.families.items():
        for index, quantity in members.items():
            if quantity.size != visits[0].value.size and not freely:
                continue
            if sort is Sort.ODD:
                for walk in _walks(index, names.depth, plainly=False):
                    yield from _turned(node, told, walk, quantity, reshaped=False)
                for walk in _walks(index, names.depth, plainly=True):
                    yield from _turned(node, told, walk, quantity, reshaped=True)
            elif _is_likely(told, index, held, is_read=is_read) == (sort is Sort.LIKELY):
                of_other_size = quantity.size != visits[0].value.size
                for walk in _walks(index, names.depth, plainly=True):
                    yield from _turned(node, told, walk, quantity, reshaped=of_other_size)
        if sort is Sort.LIKELY and len(visits) == len(members) + 1 and None not in members:
            yield Hypothesis(node, told, min(n for n in members if n is not None) - 1, 1, False, False, False)
    if len(visits) > 1 and sort is Sort.LIKELY and recording.nodes[node].kind == "AugAssign":
        yield from _sums(node, visits, names)
    is_number = visits[0].value.size == 1
    if len(visits) > 1 and (sort is Sort.ODD or (sort is Sort.LIKELY and is_number)):
        patterns = ("once",) if sort is Sort.LIKELY else ("each", "over") if is_number else ("once", "each", "over")
        yield from _in_pieces(node, visits, names, patterns)


def _for_a_number(node: int, names: Names) -> Iterator[Hypothesis]:
    """The derivatives and slopes that may belong where a plain number stands."""
    for told, members in names.families.items():
        for index, quantity in members.items() if is_adjoint(told) or is_slope(told) else ():
            if quantity.size > 1:
                for walk in _walks(index, names.depth, plainly=True):
                    yield Hypothesis(node, told, *walk, flipped=False, reshaped=True)


def _is_likely(told: str, index: int | None, held: set[tuple[str, int | None]], *, is_read: bool) -> bool:
    """Whether a quantity is often meant: for the unknown a derivative; for another one its like, or its layer's.

    Nobody reads `z` where the derivative of the loss by something belongs; what is a factor off is so later, too.
    """
    if is_slope_of_square(told):
        return False
    is_derivative = is_adjoint(told)
    if not held:
        return is_derivative or is_slope(told)
    if any(is_adjoint(other) for other, _ in held):
        return is_derivative or is_slope(told) or any(index == number for _, number in held)
    return any(told == other or (index == number and not (is_read and is_derivative)) for other, number in held)


def otherwise_shaped(node: int, recording: Recording, names: Names) -> Iterator[Hypothesis]:
    """The quantities that an expression holds, the other way round, or in their own shape."""
    for visit in recording.the_call(node)[:1]:
        for name, _ in names.of(visit.value, visit.tolerance):
            told, index = family(name)
            for walk in _walks(index, names.depth, plainly=True):
                for flipped in (False, True):
                    for reshaped in (True, False):
                        yield Hypothesis(node, told, *walk, flipped, reshaped)


def _turned(node: int, told: str, walk: Walk, quantity: FloatArray, *, reshaped: bool) -> Iterator[Hypothesis]:
    turns = quantity.ndim == 2 and (reshaped or min(quantity.shape) > 1)
    for flipped in (False, True) if turns else (False,):
        yield Hypothesis(node, told, *walk, flipped, reshaped)


def _walks(index: int | None, depth: int, *, plainly: bool) -> list[Walk]:
    """How the number of a layer may go along: down from the top or up from below; or another way."""
    if index is None:
        return [(None, 0, False)] if plainly else []
    if plainly:
        return [(index - depth, -1, True), (index, 1, False)]
    return [(index - depth, 0, True), (index, 0, False), (index, -1, False), (index - depth, 1, True)]


def _sums(node: int, visits: Sequence[Visit], names: Names) -> Iterator[Hypothesis]:
    """What a sum that grows in a loop should be in the end."""
    size, total = visits[0].value.size, sum(visit.value.size for visit in visits)
    for told, members in names.families.items():
        for index, quantity in members.items():
            if is_adjoint(told) and quantity.size % size == 0 and total > quantity.size:
                for walk in [(index, 0, False), *_walks(index, names.depth, plainly=True)]:
                    for pattern in _SUMS:
                        yield Hypothesis(node, told, *walk, flipped=False, reshaped=False, pattern=pattern)


def _in_pieces(node: int, visits: Sequence[Visit], names: Names, patterns: Collection[str]) -> Iterator[Hypothesis]:
    """The entries of each quantity one after the other: once, or as often as another one has entries."""
    total = sum(visit.value.size for visit in visits)
    for told, members in names.families.items():
        walks = dict.fromkeys(
            walk
            for index in members
            for plainly in (True, False)
            for walk in _walks(index, names.depth, plainly=plainly)
        )
        for start, step, top in walks:
            at = start if start is None else start + top * names.depth
            order = _order(members, at, step)
            for sizes_of in (told, *(other for other in names.families if other != told)):
                others = names.families[sizes_of]
                if sum(others[n].size if n in others else total + 1 for n in order) == total:
                    fitting = ("once",) if sizes_of == told else ("each", "over")
                    for pattern in (each for each in fitting if each in patterns):
                        for flipped in (False, True) if pattern == "once" else (False,):
                            yield Hypothesis(node, told, start, step, top, flipped, False, pattern, sizes_of)
