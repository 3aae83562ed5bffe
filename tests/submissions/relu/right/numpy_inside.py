# legal: numpy does the computing, in forward and in backward
import numpy as np
import torch
from torch import nn


class NumpyReLU(torch.autograd.Function):

    @staticmethod
    def forward(ctx, x):
        array = x.detach().numpy()
        ctx.mask = np.where(array > 0, 1, 0)
        return torch.from_numpy(np.maximum(array, 0))

    @staticmethod
    def backward(ctx, g):
        result = g.numpy() * ctx.mask
        return torch.as_tensor(result, dtype=g.dtype)


class MyReLU(nn.Module):

    def forward(self, x):
        y = NumpyReLU.apply(x)
        return y
