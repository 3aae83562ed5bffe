def swish(x):
    """x / (1 + exp(-x)), entry by entry."""


def swish_backward(x, grad_output):
    """dL/dx, shaped like x, from grad_output = dL/dy."""
