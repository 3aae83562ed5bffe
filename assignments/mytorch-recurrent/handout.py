"""Recurrent cells as classes that keep their gradients: fill the gaps; README.md tells what each computes."""

import numpy as np


class RNNCell:
    def __init__(self, D, H):
        pass

    def forward(self, x, h_prev_t):
        """Gives h_t."""

    def backward(self, dh_t, h_t, x, h_prev_t):
        """Gives dx, dh_prev_t."""


class GRUCell:
    def __init__(self, D, H):
        pass

    def forward(self, x, h_prev_t):
        """Gives h_t."""

    def backward(self, dh_t):
        """Gives dx, dh_prev_t."""
