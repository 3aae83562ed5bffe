"""Linear classifiers, SVM and softmax: fill the gaps; README.md tells what each computes."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Gives loss, dW."""


def svm_loss_vectorized(W, X, y, reg):
    """Gives loss, dW."""


def softmax_loss_naive(W, X, y, reg):
    """Gives loss, dW."""


def softmax_loss_vectorized(W, X, y, reg):
    """Gives loss, dW."""
