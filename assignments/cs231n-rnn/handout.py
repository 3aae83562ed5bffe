"""Recurrent networks, LSTM and layers over time: fill the gaps; README.md tells what each computes."""

import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    """Gives next_h, cache."""


def rnn_step_backward(dnext_h, cache):
    """Gives dx, dprev_h, dWx, dWh, db."""


def rnn_forward(x, h0, Wx, Wh, b):
    """Gives h, cache."""


def rnn_backward(dh, cache):
    """Gives dx, dh0, dWx, dWh, db."""


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """Gives next_h, next_c, cache."""


def lstm_step_backward(dnext_h, dnext_c, cache):
    """Gives dx, dprev_h, dprev_c, dWx, dWh, db."""


def lstm_forward(x, h0, Wx, Wh, b):
    """Gives h, cache."""


def lstm_backward(dh, cache):
    """Gives dx, dh0, dWx, dWh, db."""


def word_embedding_forward(x, W):
    """Gives out, cache."""


def word_embedding_backward(dout, cache):
    """Gives dW."""


def temporal_affine_forward(x, w, b):
    """Gives out, cache."""


def temporal_affine_backward(dout, cache):
    """Gives dx, dw, db."""


def temporal_softmax_loss(x, y, option_3):
    """Gives loss, dx."""
