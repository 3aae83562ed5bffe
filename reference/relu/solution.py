"""The derivation of `relu` as named steps, and a right submission made of them.

y = max(0, x), entry by entry; g is dL/dy, and dL/dx is wanted. The steps use operators only, so they serve tensors and
arrays alike.
"""

import torch
import torch.nn.functional as F
from torch import nn


def rectified(x):
    """Give x where x > 0, and 0 elsewhere: two straight pieces that meet at 0."""
    return x * (x > 0)


def passes(x):
    """dy/dx = 1 where x > 0, and 0 where x < 0: the slopes of the two pieces, as truth values."""
    return x > 0


def through_relu(g, open_units):
    """dL/dx = g dy/dx, entry by entry: what forward blocked is blocked, all else passes as it comes, of either sign."""
    return g * open_units


class MyReLUFunction(torch.autograd.Function):
    """ReLU for autograd, of any shape; nothing that is given is written to."""

    @staticmethod
    def forward(ctx, x):
        """Y, shaped like x; keeps which entries pass."""
        ctx.save_for_backward(passes(x))
        return rectified(x)

    @staticmethod
    def backward(ctx, grad_output):
        """dL/dx, shaped like x."""
        (open_units,) = ctx.saved_tensors
        return through_relu(grad_output, open_units)


class MyReLU(nn.Module):
    """ReLU as a layer."""

    def forward(self, x):
        """Y, by the Function, so that autograd comes back through its backward."""
        return MyReLUFunction.apply(x)


Function, Module = MyReLUFunction, MyReLU  # the entry points, by the names that the assignment gives them


class Net2(nn.Module):
    """The network of the statement with the Module after its first two linear layers; (1, 1, 32, 32) to (1, 2)."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 2)
        self.fct1, self.fct2 = MyReLU(), MyReLU()

    def forward(self, x):
        """Two numbers for each image."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.fct2(self.fc2(self.fct1(self.fc1(x.flatten(1)))))
        return self.fc3(x)
