# legal: the classes of the tutorial, with two names; 1 is the slope at 0
import torch
import torch.nn as nn
import torch.nn.functional as F


class MyReLUFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        input, = ctx.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input


class MyReLU(nn.Module):

    def __init__(self):
        super(MyReLU, self).__init__()

    def forward(self, input):
        return MyReLUFunction.apply(input)
