import torch.autograd as ag
from torch import tanh


def elementwise(name, f, slope):
    """A Function for f, entry by entry."""
    class Elementwise(ag.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.x = x
            return f(x)

        @staticmethod
        def backward(ctx, g):
            return g * slope(ctx.x)

    Elementwise.__name__ = name
    return Elementwise


Tanh = elementwise("Tanh", tanh, lambda x: 1 - tanh(x) ** 2)
ReLU = elementwise("ReLU", lambda x: x.clamp(min=0), lambda x: (x > 0) * 1)


class Keeps(ag.Function):
    """saves its inputs; subclasses say how to compute and differentiate"""
    @classmethod
    def forward(cls, ctx, *inputs):
        ctx.save_for_backward(*inputs)
        return cls.value(*inputs)

    @classmethod
    def backward(cls, ctx, g):
        return tuple(cls.gradients(g, *ctx.saved_tensors))


class MSE(Keeps):
    value = staticmethod(lambda yhat, y: ((yhat - y) ** 2).sum() / len(y))

    @staticmethod
    def gradients(g, yhat, y):
        for sign in (1, -1):
            yield sign * g * 2 * (yhat - y) / len(y)


class Linear(Keeps):
    value = staticmethod(lambda x, w, b: x @ w + b)

    @staticmethod
    def gradients(g, x, w, b):
        yield g @ w.T
        yield x.T @ g
        yield g.sum(0)


# try it
c = Context()
print(Linear.forward(c, *map(__import__("torch").ones, [(2, 3), (3, 2), (2,)])))
