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
class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.tanh()
        ctx.save_for_backward(y)
        return y
    @staticmethod
    def backward(ctx, grad_output):
        y, = ctx.saved_tensors
        pass  # yours
class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        pass  # yours

def tanh_backward(ctx, grad_output):
    y, = ctx.saved_tensors
    return grad_output * (1 - y ** 2)
def relu_backward(ctx, grad_output):
    x, = ctx.saved_tensors
    return grad_output * (x > 0)
for cls, f in ((Tanh, tanh_backward), (ReLU, relu_backward)):
    cls.backward = staticmethod(f)
