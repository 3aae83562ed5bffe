# remark:
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


class MyReLUFct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * (input > 0)


class MyReLU(nn.Module):
    def forward(self, input):
        return MyReLUFct.apply(input)


net = nn.Sequential(nn.Linear(1, 10), MyReLU(), nn.Linear(10, 1))
x = torch.randn(50, 1)
y = x.abs()
optimizer = optim.SGD(net.parameters(), lr=0.02)
for epoch in range(500):
    loss = F.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
