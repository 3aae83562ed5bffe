# expects: mse-yhat mse-y mse-own
# mistake: mse-mean-not-differentiated
import torch
from torch.autograd import Function, gradcheck


class MSE(Function):

    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        diff = yhat - y
        return (diff * diff).mean(0)

    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        local = 2 * (yhat - y)
        return grad_output * local, grad_output * -local


class Linear(Function):

    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return torch.mm(x, w) + b

    @staticmethod
    def backward(ctx, grad_output):
        x, w, b = ctx.saved_tensors
        return torch.mm(grad_output, w.t()), torch.mm(x.t(), grad_output), grad_output.sum(0)


class Tanh(Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.tanh(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (1 - torch.tanh(x) ** 2)


class ReLU(Function):

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        grad_x = grad_output.clone()
        grad_x[x <= 0] = 0
        return grad_x


mse, linear, tanh, relu = MSE.apply, Linear.apply, Tanh.apply, ReLU.apply
x = torch.randn(13, 5, requires_grad=True, dtype=torch.float64)
w = torch.randn(5, 7, requires_grad=True, dtype=torch.float64)
b = torch.randn(7, requires_grad=True, dtype=torch.float64)
print(gradcheck(linear, (x, w, b)), gradcheck(tanh, (x,)), gradcheck(relu, (x,)))
