import torch
from torch.autograd import Function
class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean()
    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        g = grad_output * 2 * (yhat - y) / y.numel()
        return g, -g
class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w + b
    @staticmethod
    def backward(ctx, grad_output):
        x, w = ctx.saved_tensors
        return grad_output @ w.T, x.T @ grad_output, grad_output.sum(0)

class Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.y = SLOPES["f"](x)
        return ctx.y
SLOPES = {}
def register(cls, f):
    SLOPES["f"] = torch.tanh
    cls.backward = staticmethod(f)
register(Tanh, lambda ctx, g: g * (1 - ctx.y ** 2))
class ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.m = x > 0
        return x * ctx.m
    @staticmethod
    def backward(ctx, g):
        return g
setattr(ReLU, "backward", staticmethod(lambda ctx, g: g * ctx.m))
