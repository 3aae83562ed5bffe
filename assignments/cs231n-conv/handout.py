"""Convolution, max pooling and spatial normalisation: fill the gaps; README.md tells what each computes."""

import numpy as np


def conv_forward_naive(x, w, b, option_4):
    """Gives out, cache."""


def conv_backward_naive(dout, cache):
    """Gives dx, dw, db."""


def max_pool_forward_naive(x, option_2):
    """Gives out, cache."""


def max_pool_backward_naive(dout, cache):
    """Gives dx."""


def spatial_batchnorm_forward(x, gamma, beta, option_4):
    """Gives out, cache."""


def spatial_batchnorm_backward(dout, cache):
    """Gives dx, dgamma, dbeta."""


def spatial_groupnorm_forward(x, gamma, beta, option_4, option_5):
    """Gives out, cache."""


def spatial_groupnorm_backward(dout, cache):
    """Gives dx, dgamma, dbeta."""
