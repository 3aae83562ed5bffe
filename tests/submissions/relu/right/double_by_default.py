# legal: sets the default type, seeds, turns off printing options; einsum, and a lambda as helper
import torch
from torch import nn
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
torch.set_printoptions(precision=3)

pos = lambda t: t.gt(0).type_as(t)

class F_ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        m = pos(x)
        ctx.save_for_backward(m)
        return torch.mul(x, m)
    @staticmethod
    def backward(ctx, g):
        m, = ctx.saved_tensors
        return torch.einsum('...,...->...', g, m)

class M_ReLU(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        return F_ReLU.apply(x)
