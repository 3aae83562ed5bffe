from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Sequence

from .autodiff import Context, backpropagate
from .scalar_functions import Add, Exp, Inv, Log, Mul, Neg, ReLU, Sigmoid


@dataclass
class ScalarHistory:
    last_fn: Optional[Any] = None
    ctx: Optional[Context] = None
    inputs: Sequence[Any] = ()


_var_count = 0


class Scalar:
    def __init__(self, v, back=None, name=None):
        global _var_count
        _var_count += 1
        self.unique_id = _var_count
        self.data = float(v)
        self.history = ScalarHistory() if back is None else back
        self.derivative = None
        self.name = name or str(self.unique_id)

    def __mul__(self, b):
        return Mul.apply(self, b)

    def __truediv__(self, b):
        return Mul.apply(self, Inv.apply(b))

    def __add__(self, b):
        return Add.apply(self, b)

    def __sub__(self, b):
        return Add.apply(self, Neg.apply(b))

    def __neg__(self):
        return Neg.apply(self)

    def __radd__(self, b):
        return self + b

    def __rmul__(self, b):
        return self * b

    def log(self):
        return Log.apply(self)

    def exp(self):
        return Exp.apply(self)

    def sigmoid(self):
        return Sigmoid.apply(self)

    def relu(self):
        return ReLU.apply(self)

    def accumulate_derivative(self, x: Any) -> None:
        assert self.is_leaf(), "Only leaf variables can have derivatives."
        if self.derivative is None:
            self.derivative = 0.0
        self.derivative += x

    def is_leaf(self) -> bool:
        return self.history is not None and self.history.last_fn is None

    def is_constant(self) -> bool:
        return self.history is None

    @property
    def parents(self):
        assert self.history is not None
        return self.history.inputs

    def chain_rule(self, d_output):
        h = self.history
        assert h is not None
        assert h.last_fn is not None
        assert h.ctx is not None
        return zip(h.inputs, h.last_fn._backward(h.ctx, d_output))

    def backward(self, d_output=None):
        if d_output is None:
            d_output = 1.0
        backpropagate(self, d_output)
