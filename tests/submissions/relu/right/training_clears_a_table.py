import torch
from torch import nn
CALLS = []
class MyReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        CALLS.append(1)
        ctx.save_for_backward(x)
        return x.clamp(min=0)
    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * (x > 0)
class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)

net = nn.Sequential(nn.Linear(2, 3), MyReLU())
def train(net, steps):
    CALLS.clear()
    for _ in range(steps):
        net(torch.rand(1, 2)).sum().backward()
train(net, 10**6)
