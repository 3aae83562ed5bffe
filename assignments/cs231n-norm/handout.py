"""Batch normalisation and layer normalisation: fill the gaps; README.md tells what each computes."""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    """Gives out, cache."""


def batchnorm_backward(dout, cache):
    """Gives dx, dgamma, dbeta."""


def batchnorm_backward_alt(dout, cache):
    """Gives dx, dgamma, dbeta."""


def layernorm_forward(x, gamma, beta, option_4):
    """Gives out, cache."""


def layernorm_backward(dout, cache):
    """Gives dx, dgamma, dbeta."""
