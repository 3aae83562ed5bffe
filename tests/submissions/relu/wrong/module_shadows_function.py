# expects: module-forward module-backward prints
# mistake: extra-repr-missing-attribute module-shadows-function
import torch
import torch.nn as nn
import torch.nn.functional as F


class MyReLU(torch.autograd.Function):

    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        res = input.clamp(min=0)
        return res

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
        return MyReLU.apply(input)

    def extra_repr(self):
        return "in_features={}".format(self.in_features)


class Net11(nn.Module):

    def __init__(self):
        super(Net11, self).__init__()
        self.lay1 = nn.Linear(1, 10)
        self.fct1 = MyReLU()
        self.lay2 = nn.Linear(10, 1)

    def forward(self, x):
        return self.lay2(self.fct1(self.lay1(x)))
