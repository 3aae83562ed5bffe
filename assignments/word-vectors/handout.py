"""Word vectors by skip-grams: fill the gaps; README.md tells what each computes."""

import numpy as np


def naiveSoftmaxLossAndGradient(v, o, U, option_4):
    """Gives loss, dv, dU."""


def negSamplingLossAndGradient(v, o, U, option_4, option_5):
    """Gives loss, dv, dU."""


def skipgram(option_1, option_2, option_3, option_4, centres, U, option_7):
    """Gives loss, dcentres, dU."""
