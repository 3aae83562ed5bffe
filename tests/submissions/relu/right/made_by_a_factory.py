# legal: the Function is made by a function that makes Functions
import torch
from torch import nn
def pointwise(f, df, name):
    class P(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return f(x)
        @staticmethod
        def backward(ctx, g):
            return g * df(*ctx.saved_tensors)
    P.__name__ = P.__qualname__ = name
    return P
MyReLUFunction = pointwise(lambda x: x * (x > 0), lambda x: (x > 0).to(x), "MyReLUFunction")
class MyReLU(nn.Module):
    def forward(self, x):
        return MyReLUFunction.apply(x)
