import torch


def swish(x):
    return x * torch.sigmoid(x)


def swish_backward(x, grad_output):
    s = torch.sigmoid(x)
    return s + x * s * (1 - s)
