# expects: mse-forward linear-w linear-own relu-backward relu-own upstream untouched
# mistake: linear-grad-w-transposed
# steps: MSE: value; ReLU: gradient of x
import torch
from torch.autograd import Function

class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        n = yhat.shape[0]
        return ((yhat - y) ** 2).sum() / n ** 2
    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        n = yhat.shape[0]
        d = 2 * (yhat - y) / n ** 2
        return d * grad_output, -d * grad_output

class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.x, ctx.w = x, w
        return torch.einsum("nd,dp->np", x, w) + b
    @staticmethod
    def backward(ctx, grad_output):
        return torch.einsum("np,dp->nd", grad_output, ctx.w), torch.einsum("np,nd->pd", grad_output, ctx.x), torch.einsum("np->p", grad_output)

class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.tanh(x.float())
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (1 - torch.tanh(x) ** 2)

class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x)
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        g = grad_output * (x > 0)
