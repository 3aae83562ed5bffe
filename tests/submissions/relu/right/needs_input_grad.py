# legal: asks ctx whether a gradient is needed, checks its arguments, and keeps apply as an attribute of the Module
import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    """Rectified linear unit."""

    @staticmethod
    def forward(ctx, x):
        if not isinstance(x, torch.Tensor):
            raise TypeError(f"expected a tensor, got {type(x)}")
        ctx.save_for_backward(x)
        return torch.threshold(x, 0, 0)

    @staticmethod
    def backward(ctx, *grad_outputs):
        grad_input = None
        if ctx.needs_input_grad[0]:
            x, = ctx.saved_tensors
            assert grad_outputs[0].shape == x.shape
            grad_input = grad_outputs[0] * (torch.sign(x) + 1) / 2
        return grad_input,


class MyReLU(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = MyReLUFunction.apply

    def __repr__(self):
        return "MyReLU(x) = max(0, x)"

    def forward(self, x):
        return self.relu(x)
