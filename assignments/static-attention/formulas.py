"""The parts of a transformer: batches of sequences, a row of D numbers for each of T places."""

import torch
from torch import Tensor
from torch.nn import functional

EPS = 1e-5


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Rows of v, weighed by the softmax of the products of q and k, which are divided by the root of D."""
    scores = q @ k.transpose(1, 2) / q.shape[2] ** 0.5
    return torch.softmax(scores, 2) @ v


def layernorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each row with its own mean and (biased) variance."""
    centred = x - x.mean(-1, keepdim=True)
    return gamma * centred / torch.sqrt((centred * centred).mean(-1, keepdim=True) + EPS) + beta


def embedding(ids: Tensor, weight: Tensor) -> Tensor:
    """The row of each word."""
    return weight[ids]


def gelu(x: Tensor) -> Tensor:
    """X times the share of a normal distribution that lies below x."""
    return 0.5 * x * (1 + torch.erf(x / 2**0.5))


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean of -log of the probability of the right class."""
    return functional.cross_entropy(logits, labels)
