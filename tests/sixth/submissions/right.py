import torch


def silu(x):
    return x / (1 + torch.exp(-x))


def swish_backward(x, grad_output):
    s = 1 / (1 + torch.exp(-x))
    return grad_output * s * (1 + x * (1 - s))
