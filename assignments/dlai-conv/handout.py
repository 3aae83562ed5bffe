"""Convolution and pooling, step by step: fill the gaps; README.md tells what each computes."""

import numpy as np


def conv_forward(A_prev, W, b, option_4):
    """Gives Z, cache."""


def conv_backward(dZ, cache):
    """Gives dA_prev, dW, db."""


def pool_forward(A_prev, option_2):
    """Gives A, cache."""


def pool_backward(dA, cache, mode):
    """Gives dA_prev."""
