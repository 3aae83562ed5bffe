"""Layers as static classes, in torch: fill the gaps; README.md tells what each computes."""

import torch


class Linear:
    @staticmethod
    def forward(x, w, b):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx, dw, db."""


class ReLU:
    @staticmethod
    def forward(x):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx."""


class Linear_ReLU:
    @staticmethod
    def forward(x, w, b):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx, dw, db."""


class Conv:
    @staticmethod
    def forward(x, w, b, option_4):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx, dw, db."""


class MaxPool:
    @staticmethod
    def forward(x, option_2):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx."""


class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta, option_4):
        """Gives out, cache."""

    @staticmethod
    def backward(dout, cache):
        """Gives dx, dgamma, dbeta."""
