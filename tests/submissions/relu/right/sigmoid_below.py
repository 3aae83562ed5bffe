# legal: another activation stands below, and the names are spelled in another way
import torch
from torch import nn
class ReluFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.clamp(x, min=0)
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (x > 0)
class ReluLayer(nn.Module):
    def forward(self, x):
        return ReluFunction.apply(x)
# for fun: the sigmoid in the same way
class SigmoidFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.sigmoid(x)
        ctx.save_for_backward(y)
        return y
    @staticmethod
    def backward(ctx, grad_output):
        y, = ctx.saved_tensors
        return grad_output * y * (1 - y)
class SigmoidLayer(nn.Module):
    def forward(self, x):
        return SigmoidFunction.apply(x)
