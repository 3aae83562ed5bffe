"""Layers for sequences: N of them, T steps each, a row of D numbers at every step."""

import torch
from torch import Tensor
from torch.nn import functional


def rnn_step(x: Tensor, prev_h: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor) -> Tensor:
    """One step of a recurrent network whose state goes through tanh."""
    return torch.tanh(x @ Wx + prev_h @ Wh + b)


def rnn(x: Tensor, h0: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor) -> Tensor:
    """All steps of it, from the state h0 on; the states, (N, T, H)."""
    states, h = [], h0
    for now in x.unbind(1):
        h = rnn_step(now, h, Wx, Wh, b)
        states.append(h)
    return torch.stack(states, 1)


def lstm_step(x: Tensor, prev_h: Tensor, prev_c: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM; the activation has the input, forget and output gates, then what goes into the cell."""
    i, f, o, g = (x @ Wx + prev_h @ Wh + b).chunk(4, 1)
    next_c = torch.sigmoid(f) * prev_c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(next_c), next_c


def lstm(x: Tensor, h0: Tensor, Wx: Tensor, Wh: Tensor, b: Tensor) -> Tensor:
    """All steps of it, from the state h0 and a cell of zeros on; the states, (N, T, H)."""
    states, h, c = [], h0, torch.zeros_like(h0)
    for now in x.unbind(1):
        h, c = lstm_step(now, h, c, Wx, Wh, b)
        states.append(h)
    return torch.stack(states, 1)


def word_embedding(x: Tensor, W: Tensor) -> Tensor:
    """The row of W that belongs to each word."""
    return W[x]


def temporal_affine(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """An affine layer, the same at each step."""
    return x @ w + b


def temporal_softmax(x: Tensor, y: Tensor, mask: Tensor) -> Tensor:
    """The softmax loss of each step that the mask keeps, added over steps, mean over sequences."""
    losses = functional.cross_entropy(x.transpose(1, 2), y, reduction="none")
    return (losses * mask).sum() / len(x)
