import numpy as np


class Node(object):
    def __init__(self, data, inputs=(), slopes=()):
        self.data = np.float(data)
        self.inputs = inputs
        self.slopes = slopes
        self.grad = 0.
        self.uses = 0

    def count(self):
        self.uses += 1
        if self.uses == 1:
            for node in self.inputs:
                node.count()

    def receive(self, gradient):
        self.grad += gradient
        self.uses -= 1
        if self.uses == 0:
            for node, slope in zip(self.inputs, self.slopes):
                node.receive(slope * self.grad)

    def backward(self):
        self.count()
        self.receive(1.)


class Value(Node):
    def _wrap(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self._wrap(other)
        return Value(self.data + other.data, (self, other), (1., 1.))

    def __mul__(self, other):
        other = self._wrap(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, k):
        return Value(np.power(self.data, np.float(k)), (self,), (k * np.power(self.data, np.float(k - 1)),))

    def __sub__(self, other):
        return self + self._wrap(other) * -1

    def __truediv__(self, other):
        return self * self._wrap(other) ** -1

    __div__ = __truediv__

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self._wrap(other) - self

    def relu(self):
        return Value(np.maximum(self.data, 0), (self,), (1. if self.data > 0 else 0.,))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, (self,), (1 - t ** 2,))
