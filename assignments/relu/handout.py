"""ReLU as a layer of your own: hand in this file."""

import torch
from torch import nn


class MyReLUFunction(torch.autograd.Function):
    """max(0, x), entry by entry; used as MyReLUFunction.apply(x)."""

    @staticmethod
    def forward(ctx, x):
        """The output, shaped like x; keeps in ctx what backward needs."""
        # your forward

    @staticmethod
    def backward(ctx, grad_output):
        """dL/dx, shaped like x, from grad_output = dL/dy."""
        # your derivation


class MyReLU(nn.Module):
    """The same as a layer: MyReLU()(x)."""

    def forward(self, x):
        """What the Function gives, so that gradients flow back."""
        # your Module
