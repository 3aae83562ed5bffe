"""Which quantity of the derivation a value is: equal to it, transposed or in another shape, within its own rounding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from grader.pinpoint.recording import Visit
from grader.records import FloatArray
from grader.wire.quantity_names import is_adjoint, summed_adjoint

_NUMBER = re.compile(r"(?<=\[)\d+(?=\])|(?<=[A-Za-z_])\d+\b")
"""The number of a layer, `z[1]` or `z1`; not what is counted in a formula."""
_SCALE = 1e-300


def family(name: str) -> tuple[str, int | None]:
    """`∂L/∂z[#]` and 2 of `∂L/∂z[2]`; the name itself and None where it has no number, or several that differ."""
    numbers = {int(number) for number in _NUMBER.findall(name)}
    if len(numbers) != 1:
        return name, None
    return _NUMBER.sub("#", name), numbers.pop()


def member(told: str, index: int | None) -> str:
    """The name of a member of a family."""
    return told if index is None else told.replace("#", str(index))


def long_axes(shape: Sequence[int]) -> tuple[int, ...]:
    """The axes of a shape that are longer than 1: one example is a row, a column or a vector."""
    return tuple(length for length in shape if length > 1)


def same(value: FloatArray, other: FloatArray, tolerance: float) -> bool:
    """Whether two arrays of one size have the same entries in the same order. NaN is never the same."""
    if value.size != other.size:
        return False
    size = np.abs(other).max(initial=_SCALE)
    return bool((np.abs(value.ravel() - other.ravel()) <= tolerance * size).all())


class Names:
    """The quantities of a probe by name, and by their entries.

    `factor` is the number by which all that is wrong is to be multiplied, if there is one.
    """

    def __init__(self, known: Mapping[str, FloatArray], factor: float | None = None) -> None:
        self.known = {name: np.asarray(value, np.float64) for name, value in known.items()}
        self.factor = factor

    @cached_property
    def depth(self) -> int:
        """The highest number of a layer."""
        return max((index for _, index in map(family, self.known) if index is not None), default=0)

    @cached_property
    def families(self) -> Mapping[str, Mapping[int | None, FloatArray]]:
        """The quantities of each family, by number."""
        found: dict[str, dict[int | None, FloatArray]] = {}
        for name, value in self.known.items():
            told, index = family(name)
            found.setdefault(told, {})[index] = value
        return found

    @cached_property
    def _by_size(self) -> Mapping[int, tuple[list[tuple[str, bool]], FloatArray]]:
        """For each size the names, whether transposed, and the entries in rows."""
        rows: dict[int, list[tuple[tuple[str, bool], FloatArray]]] = {}
        for name, value in self.known.items():
            rows.setdefault(value.size, []).append(((name, False), value.ravel()))
        for name, value in self.known.items():
            if value.ndim == 2 and min(value.shape) > 1:
                rows[value.size].append(((name, True), value.T.ravel()))
        return {size: ([n for n, _ in told], np.stack([v for _, v in told])) for size, told in rows.items()}

    @cached_property
    def _entries(self) -> FloatArray:
        return np.sort(np.concatenate([value.ravel() for value in self.known.values()] or [np.zeros(0)]))

    def of(self, value: FloatArray, tolerance: float) -> list[tuple[str, bool]]:
        """The quantities that a value is, and whether it is transposed; the shape is not looked at."""
        names, rows = self._by_size.get(value.size, ([], np.zeros((0, value.size))))
        sizes = np.abs(rows).max(axis=1, initial=_SCALE)
        off = np.abs(rows - value.ravel()).max(axis=1, initial=0.0)
        return [name for name, good in zip(names, off <= tolerance * sizes, strict=True) if good]

    def best(self, value: FloatArray, tolerance: float) -> list[tuple[str, bool]]:
        """Likewise, those of the same shape first."""
        return sorted(self.of(value, tolerance), key=lambda found: self.distance(found[0], value))

    def distance(self, name: str, value: FloatArray) -> int:
        """How far the shape of a quantity is from that of a value: the same, transposed, as many axes, others."""
        shape = self.known[name].shape
        alike = (shape == value.shape, shape == value.shape[::-1], len(shape) == value.ndim, True)
        return alike.index(True)

    def multiples(self, value: FloatArray, tolerance: float) -> list[tuple[str, bool, float]]:
        """The quantities of which a value is a multiple, whether transposed, and the factor."""
        names, rows = self._by_size.get(value.size, ([], np.zeros((0, value.size))))
        if value.size < 2 or not np.isfinite(value).all():
            return []
        squares = (rows**2).sum(axis=1)
        factors = rows @ value.ravel() / np.where(squares > 0, squares, np.inf)
        off = np.abs(factors[:, None] * rows - value.ravel()).max(axis=1, initial=0.0)
        good = (off <= tolerance * max(np.abs(value).max(), _SCALE)) & (factors != 0)
        return [(*names[n], float(factors[n])) for n in np.flatnonzero(good)]

    def with_sums(self, values: Iterable[tuple[FloatArray, float]], given_out: Collection[str]) -> Names:
        """With each derivative times the number of examples, if some value is that: many divide in the end.

        Args:
            values: what right gradients were made of, with its tolerance: elsewhere such a factor is a mistake.
            given_out: the quantities that must be divided, as they are asked for.
        """
        count = self._examples(given_out)
        if not count:
            return self
        multiples = (found for value, tolerance in values for found in self.multiples(value, tolerance))
        if not any(
            is_adjoint(name) and name not in given_out and abs(factor - count) <= 1e-9 * count
            for name, _, factor in multiples
        ):
            return self
        within = [name for name in self.known if is_adjoint(name) and name not in given_out]
        return Names(self.known | {summed_adjoint(name): count * self.known[name] for name in within}, self.factor)

    def _examples(self, given_out: Collection[str]) -> int:
        """The length that the fewest gradients have as an axis, as those of parameters are summed along it; or none."""
        lengths = {length for quantity in self.known.values() for length in quantity.shape if length > 1}
        having = Counter(dict.fromkeys(lengths, 0))
        for name in given_out:
            having.update({*self.known[name].shape} & lengths)
        least = min(having.values(), default=0)
        fewest = [length for length in lengths if having[length] == least]
        return fewest[0] if len(fewest) == 1 else 0

    def is_named(self, visit: Visit, *, is_made: bool = False) -> bool:
        """Whether what an expression held is a quantity, an entry of one, or a row or column of one.

        Args:
            is_made: of others; else it may be a table of zeros that is to be filled.
        """
        value, tolerance = visit.value, visit.tolerance
        if not np.isfinite(value).all():
            return False
        if self.of(value, tolerance):
            return True
        if value.size > 1 and np.ptp(value) == 0:
            return not is_made
        if value.size == 1:
            return self._is_entry(float(value.ravel()[0]), tolerance)
        return any(self._is_part(value.ravel(), quantity, tolerance) for quantity in self.known.values())

    def _is_entry(self, number: float, tolerance: float) -> bool:
        near = np.searchsorted(self._entries, [number - abs(number) * tolerance, number + abs(number) * tolerance])
        return bool(near[1] > near[0]) or bool(np.any(self._entries == number)) or float(number).is_integer()

    def _is_part(self, flat: FloatArray, quantity: FloatArray, tolerance: float) -> bool:
        if quantity.ndim != 2 or min(quantity.shape) < 2 or flat.size not in quantity.shape:
            return False
        for rows in (quantity, quantity.T):
            if rows.shape[1] == flat.size:
                off = np.abs(rows - flat).max(axis=1)
                if bool(np.any(off <= tolerance * max(np.abs(flat).max(), _SCALE))):
                    return True
        return False
