# legal: a function in the style of torch.nn.functional stands between the Function and the Module
import torch as th


class _Rectify(th.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = th.maximum(x, th.zeros_like(x))
        ctx.save_for_backward(out)          # out > 0 exactly where x > 0
        return out

    @staticmethod
    def backward(ctx, g):
        out, = ctx.saved_tensors
        return th.where(out > 0, g, 0)


def my_relu(x):
    """Like torch.nn.functional.relu."""
    return _Rectify.apply(x)


class Rectify(th.nn.Module):
    """Like torch.nn.ReLU."""

    def forward(self, x):
        return my_relu(x)


def build():
    return th.nn.Sequential(th.nn.Linear(1, 10), Rectify(), th.nn.Linear(10, 1))
