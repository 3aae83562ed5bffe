"""What the layers compute on the way forth; the way back is what students derive."""

import torch
from torch import Tensor
from torch.nn import functional


def affine(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Each example, whatever its shape, as one row; times w, plus b."""
    return x.flatten(1) @ w + b


def relu(x: Tensor) -> Tensor:
    """What is below zero becomes zero."""
    return torch.relu(x)


def affine_relu(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """An affine layer, and a ReLU after it."""
    return torch.relu(affine(x, w, b))


def softmax_loss(x: Tensor, y: Tensor) -> Tensor:
    """The mean over the examples of -log of the probability of the right class."""
    return functional.cross_entropy(x, y)


def svm_loss(x: Tensor, y: Tensor) -> Tensor:
    """How far each wrong class comes closer than 1 to the right one; added over classes, mean over examples."""
    right = x.gather(1, y[:, None])
    margins = torch.relu(x - right + 1)
    return (margins.sum() - len(x)) / len(x)
