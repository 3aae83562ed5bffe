"""Layers for images whose last axis are the channels; filters have the axes rows, columns, channels, filters."""

from torch import Tensor
from torch.nn import functional


def conv(A_prev: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Each filter slid over each image, which has a border of one zero, in steps of two."""
    images = A_prev.permute(0, 3, 1, 2)
    out = functional.conv2d(images, W.permute(3, 2, 0, 1), b.flatten(), stride=2, padding=1)
    return out.permute(0, 2, 3, 1)


def max_pool(A_prev: Tensor) -> Tensor:
    """The largest number of each window of two by two, in steps of one."""
    return functional.max_pool2d(A_prev.permute(0, 3, 1, 2), 2, stride=1).permute(0, 2, 3, 1)


def average_pool(A_prev: Tensor) -> Tensor:
    """The mean of each window."""
    return functional.avg_pool2d(A_prev.permute(0, 3, 1, 2), 2, stride=1).permute(0, 2, 3, 1)
