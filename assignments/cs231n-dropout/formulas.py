"""Inverted dropout with p = 0.5: in some years p is the share that is kept, in some that which is dropped."""

from torch import Tensor


def dropout_train(x: Tensor, mask: Tensor) -> Tensor:
    """What the mask keeps becomes twice as large, so that the mean stays; the mask is the submission's own."""
    return x * mask / 0.5


def dropout_test(x: Tensor) -> Tensor:
    """Nothing is dropped."""
    return 1 * x
