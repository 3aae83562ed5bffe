"""Layers for images, an array of N images with C channels of H rows and V columns."""

import torch
from torch import Tensor
from torch.nn import functional

EPS = 1e-5


def conv(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Each filter slid over each image, which has a border of one zero, in steps of two."""
    return functional.conv2d(x, w, b, stride=2, padding=1)


def max_pool(x: Tensor) -> Tensor:
    """The largest of each three by two numbers; windows that lie one below the other share a row."""
    return functional.max_pool2d(x, (3, 2), 2)


def spatial_batchnorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each channel with the mean and variance that it has over all images and places."""
    normal = _normalised(x, (0, 2, 3))
    return gamma[:, None, None] * normal + beta[:, None, None]


def spatial_groupnorm(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each half of the channels of an image with the mean and variance that it has over all places."""
    n, channels, height, width = x.shape
    groups = x.reshape(n, 2, channels // 2, height, width)
    return gamma * _normalised(groups, (2, 3, 4)).reshape(x.shape) + beta


def _normalised(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    centred = x - x.mean(axes, keepdim=True)
    variance = (centred * centred).mean(axes, keepdim=True)
    return centred / torch.sqrt(variance + EPS)
