# expects: forward-1 forward-2 output-weights output-biases hidden-weights hidden-biases accumulates untouched
import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return torch.sum((t - v) ** 2)


def dloss(v, t):
    return 2 * (v - t)
