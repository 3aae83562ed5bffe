"""A network with one hidden layer, whose examples are the m columns of a matrix."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional


def two_layers(X: Tensor, Y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """A hidden layer with tanh, one output with a sigmoid, and the mean cross-entropy of what comes out."""
    hidden = torch.tanh(W1 @ X + b1)
    A2 = torch.sigmoid(W2 @ hidden + b2)
    return functional.binary_cross_entropy(A2, Y)


# What the course hands out beside the file that is graded, for hand-ins that import it.


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The activation of the output."""
    return 1 / (1 + np.exp(-x))
