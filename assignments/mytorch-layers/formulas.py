"""What each class computes on the way forth: N rows of D numbers, or N rows of C channels in conv1d."""

import torch
from torch import Tensor
from torch.nn import functional

EPS = 1e-8


def linear(A: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Rows times the transposed weights (M, D), plus the bias (M, 1)."""
    return A @ W.T + b.T


def sigmoid(Z: Tensor) -> Tensor:
    """1 / (1 + exp(-Z))."""
    return torch.sigmoid(Z)


def tanh(Z: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return torch.tanh(Z)


def relu(Z: Tensor) -> Tensor:
    """What is below zero becomes zero."""
    return torch.relu(Z)


def gelu(Z: Tensor) -> Tensor:
    """Z times the share of a normal distribution that lies below Z."""
    return 0.5 * Z * (1 + torch.erf(Z / 2**0.5))


def softmax(Z: Tensor) -> Tensor:
    """The exponentials of a row, divided by their sum."""
    return torch.softmax(Z, 1)


def mse(A: Tensor, Y: Tensor, half: bool) -> Tensor:
    """The mean over all entries of the squared difference, or half of it."""
    return ((A - Y) ** 2).mean() * (0.5 if half else 1)


def cross_entropy(A: Tensor, Y: Tensor) -> Tensor:
    """Minus the sum of Y times the logarithm of the softmax of A: added over a row, mean over rows."""
    return -(Y * functional.log_softmax(A, 1)).sum(1).mean()


def batchnorm1d(Z: Tensor, BW: Tensor, Bb: Tensor) -> dict[str, Tensor]:
    """Each column with the mean and the (biased) variance that it has in the batch.

    Running statistics begin with zero and one, and take a tenth of these; `BZ_eval` is the output by them.
    """
    mean = Z.mean(0, keepdim=True)
    centred = Z - mean
    variance = (centred * centred).mean(0, keepdim=True)
    running_mean, running_variance = 0.1 * mean, 0.9 + 0.1 * variance
    return {
        "BZ": BW * centred / torch.sqrt(variance + EPS) + Bb,
        "running_M": running_mean,
        "running_V": running_variance,
        "BZ_eval": BW * (Z - running_mean) / torch.sqrt(running_variance + EPS) + Bb,
    }


def conv1d(A: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Each filter slid along the row, a step at a time."""
    return functional.conv1d(A, W, b)
