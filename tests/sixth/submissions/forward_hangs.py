import torch


def swish(x):
    while True:
        pass


def swish_backward(x, grad_output):
    s = torch.sigmoid(x)
    return grad_output * (s + x * s * (1 - s))
