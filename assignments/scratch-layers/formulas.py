"""What each layer computes on the way forth."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional


def add(x: Tensor, y: Tensor) -> Tensor:
    """The sum."""
    return x + y


def mul(x: Tensor, y: Tensor) -> Tensor:
    """The product."""
    return x * y


def relu(x: Tensor) -> Tensor:
    """What is below zero becomes zero."""
    return torch.relu(x)


def logistic(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""
    return torch.sigmoid(x)


def affine(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Rows times W, plus b."""
    return x @ W + b


def softmax_with_loss(x: Tensor, t: Tensor) -> Tensor:
    """The mean over the batch of -log of the probability of the right class."""
    return functional.cross_entropy(x, t)


def convolution(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Each filter slid over each image, which has a border of one zero."""
    return functional.conv2d(x, W, b, padding=1)


def pooling(x: Tensor) -> Tensor:
    """The largest of each two by two numbers."""
    return functional.max_pool2d(x, 2)


def two_layer_net(x: Tensor, t: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """Two affine layers with a ReLU between them, and the softmax loss."""
    hidden = torch.relu(x @ W1 + b1)
    return functional.cross_entropy(hidden @ W2 + b2, t)


# What the book's `common/functions.py` has, for hand-ins that import it.


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The activation."""
    return 1 / (1 + np.exp(-x))


def softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def cross_entropy_error(y: NDArray[np.float64], t: NDArray[np.int64]) -> np.float64:
    """The mean of -log of what is given to the right class; labels as numbers or in rows."""
    y = y.reshape(-1, y.shape[-1])
    labels = t.reshape(len(y), -1).argmax(axis=1) if t.size == y.size else t.reshape(-1)
    return -np.mean(np.log(y[np.arange(len(y)), labels] + 1e-7))
