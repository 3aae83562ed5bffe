from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

_clock = itertools.count()


@dataclass(eq=False)
class Value:
    """Keeps the numbers that it was made of, each with the slope towards it."""

    data: float
    parents: list[tuple[Value, float]] = field(default_factory=list)
    grad: float = 0.0
    born: int = field(default_factory=lambda: next(_clock))

    @staticmethod
    def of(x) -> Value:
        return x if isinstance(x, Value) else Value(float(x))

    def __add__(self, other):
        other = Value.of(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = Value.of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __truediv__(self, other):
        other = Value.of(other)
        return Value(self.data / other.data, [(self, 1 / other.data), (other, -self.data / other.data ** 2)])

    def __pow__(self, n):
        return Value(self.data ** n, [(self, n * self.data ** (n - 1))])

    def __neg__(self):
        return Value(-self.data, [(self, -1.0)])

    def __sub__(self, other):
        return self + -Value.of(other)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return Value.of(other) - self

    def __rtruediv__(self, other):
        return Value.of(other) / self

    def relu(self):
        return Value(max(self.data, 0.0), [(self, float(self.data > 0))])

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1 - t * t)])

    def exp(self):
        e = math.exp(self.data)
        return Value(e, [(self, e)])

    def backward(self):
        """Whatever was made later comes first."""
        reached, fresh = {self.born: self}, [self]
        while fresh:
            for parent, _ in fresh.pop().parents:
                if parent.born not in reached:
                    reached[parent.born] = parent
                    fresh.append(parent)
        self.grad = 1.0
        for number in sorted(reached, reverse=True):
            node = reached[number]
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
