"""One step of a recurrent network, and one of a gated recurrent unit."""

import torch
from torch import Tensor


def rnn_cell(x: Tensor, h_prev_t: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The tanh of both, the input and the state before, times the transposed weights, plus both biases."""
    return torch.tanh(x @ W_ih.T + b_ih + h_prev_t @ W_hh.T + b_hh)


def gru_cell(
    x: Tensor,
    h_prev_t: Tensor,
    Wrx: Tensor,
    Wzx: Tensor,
    Wnx: Tensor,
    Wrh: Tensor,
    Wzh: Tensor,
    Wnh: Tensor,
    brx: Tensor,
    bzx: Tensor,
    bnx: Tensor,
    brh: Tensor,
    bzh: Tensor,
    bnh: Tensor,
) -> Tensor:
    """Of one example: gates r and z are sigmoids; n is the tanh of its part of x plus r times its part of the state."""
    r = torch.sigmoid(Wrx @ x + brx + Wrh @ h_prev_t + brh)
    z = torch.sigmoid(Wzx @ x + bzx + Wzh @ h_prev_t + bzh)
    state = Wnh @ h_prev_t + bnh
    n = torch.tanh(Wnx @ x + bnx + r * state)
    return (1 - z) * n + z * h_prev_t
