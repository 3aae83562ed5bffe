"""Layers from scratch, as classes: fill the gaps; README.md tells what each computes."""

import numpy as np


class AddLayer:
    def __init__(self):
        pass

    def forward(self, x, y):
        """Gives out."""

    def backward(self, dout):
        """Gives dx, dy."""


class MulLayer:
    def __init__(self):
        pass

    def forward(self, x, y):
        """Gives out."""

    def backward(self, dout):
        """Gives dx, dy."""


class Relu:
    def __init__(self):
        pass

    def forward(self, x):
        """Gives out."""

    def backward(self, dout):
        """Gives dx."""


class Sigmoid:
    def __init__(self):
        pass

    def forward(self, x):
        """Gives out."""

    def backward(self, dout):
        """Gives dx."""


class Affine:
    def __init__(self, W, b):
        pass

    def forward(self, x):
        """Gives out."""

    def backward(self, dout):
        """Gives dx."""


class SoftmaxWithLoss:
    def __init__(self):
        pass

    def forward(self, x, t):
        """Gives loss."""

    def backward(self):
        """Gives dx."""


class Convolution:
    def __init__(self, W, b, option_3, option_4):
        pass

    def forward(self, x):
        """Gives out."""

    def backward(self, dout):
        """Gives dx."""


class Pooling:
    def __init__(self, option_1, option_2, option_3):
        pass

    def forward(self, x):
        """Gives out."""

    def backward(self, dout):
        """Gives dx."""


class TwoLayerNet:
    def __init__(self, D, H, C):
        pass

    def loss(self, x, t):
        """Gives loss."""

    def gradient(self, x, t):
        """Gives grads."""
