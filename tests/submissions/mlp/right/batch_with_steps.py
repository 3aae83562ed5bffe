# legal: whole batches only, a helper for each layer, one helper called by keyword
from typing import NamedTuple

import torch


class Layer(NamedTuple):
    pre: torch.Tensor
    out: torch.Tensor


def sigma(x: torch.Tensor) -> torch.Tensor:
    return torch.tanh(x)


def dsigma(x: torch.Tensor) -> torch.Tensor:
    return torch.sub(1, torch.pow(torch.tanh(x), 2))


def loss(v: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    error = t - v
    return torch.sum(error * error)


def dloss(v: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return torch.mul(v - t, 2)


def layer_forward(weights, bias, batch) -> Layer:
    pre = torch.mm(batch, weights.T) + bias
    return Layer(pre, sigma(pre))


def forward_pass(w1, b1, w2, b2, x):
    hidden = layer_forward(w1, b1, x)
    output = layer_forward(w2, b2, hidden.out)
    return (*hidden, *output)


def layer_backward(upstream, weights, pre, batch):
    """gradients w.r.t. weights, bias and the batch that came in"""
    local = torch.mul(upstream, dsigma(pre))
    return torch.mm(local.T, batch), torch.sum(local, 0), torch.mm(local, weights)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    weights_part, bias_part, upstream = layer_backward(dloss(t=t, v=x2), w2, s2, x1)
    dl_dw2 += weights_part
    dl_db2 += bias_part
    weights_part, bias_part, _ = layer_backward(upstream, w1, s1, x)
    dl_dw1 += weights_part
    dl_db1 += bias_part
