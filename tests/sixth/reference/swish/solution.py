import torch


def slope(x):
    """d/dx x s(x) = s(x) + x s(x) (1 - s(x)), where s is the logistic function."""
    s = torch.sigmoid(x)
    return s + x * s * (1 - s)


def swish(x):
    return x * torch.sigmoid(x)


def swish_backward(x, grad_output):
    return grad_output * slope(x)
