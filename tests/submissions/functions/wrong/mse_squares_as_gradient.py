# expects: mse-yhat mse-y mse-own
# mistake: mse-value-as-gradient
from torch.autograd import Function
import torch

class MSE(Function):
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return torch.sum((yhat-y)**2)/yhat.numel()
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        d = grad_output*(yhat-y)**2/yhat.numel()
        return d, d

class Linear(Function):
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return x.mm(w)+b
    def backward(ctx, grad_output):
        x, w, b = ctx.saved_tensors
        return grad_output.mm(w.t()), x.t().mm(grad_output), grad_output.sum(axis=0)

class Tanh(Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.tanh(x)
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output*(1-torch.tanh(x)**2)

class ReLU(Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(0)
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output*(x>0).float()
