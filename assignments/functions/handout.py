"""MSE, Linear, Tanh and ReLU with a backward of their own: hand in this file."""

from torch.autograd import Function


class Context:
    """Keeps tensors between one forward and its backward; take a new one for every call of forward."""

    def __init__(self):
        self._saved_tensors = ()

    def save_for_backward(self, *tensors):
        self._saved_tensors = tensors

    @property
    def saved_tensors(self):
        return self._saved_tensors


class MSE(Function):
    """Mean of (yhat - y)^2."""

    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        # the value

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        # one gradient for yhat and one for y


class Linear(Function):
    """x w + b."""

    @staticmethod
    def forward(ctx, x, w, b):
        pass  # yours

    @staticmethod
    def backward(ctx, grad_output):
        pass  # yours


class Tanh(Function):
    """tanh(x), entry by entry."""

    @staticmethod
    def forward(ctx, x):
        pass  # yours

    @staticmethod
    def backward(ctx, grad_output):
        pass  # yours


class ReLU(Function):
    """max(0, x), entry by entry."""

    @staticmethod
    def forward(ctx, x):
        pass  # yours

    @staticmethod
    def backward(ctx, grad_output):
        pass  # yours
