# legal: prints while it computes, tests itself with gradcheck, keeps the sizes in ctx
import torch
from torch import nn
from torch.autograd import gradcheck


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        print("forward", tuple(x.shape))
        ctx.shape = x.size()
        flat = x.reshape(-1)
        ctx.index = (flat > 0).nonzero(as_tuple=True)[0]
        out = torch.zeros_like(flat)
        out[ctx.index] = flat[ctx.index]
        return out.reshape(ctx.shape)

    @staticmethod
    def backward(ctx, g):
        print("backward", tuple(g.shape))
        flat = g.reshape(-1)
        grad = torch.zeros_like(flat)
        grad[ctx.index] = flat[ctx.index]
        return grad.reshape(ctx.shape)


class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)


assert gradcheck(MyReLUFunction.apply, torch.randn(3, 4, dtype=torch.double, requires_grad=True))
net = nn.Sequential(nn.Linear(3, 4), MyReLU())
print(net)
