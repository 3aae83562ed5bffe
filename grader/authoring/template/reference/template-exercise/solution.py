"""The derivation of TemplateExercise as named steps, one formula each, and a right submission made of them."""

from torch.autograd import Function


def value(x):
    """y = x^2."""
    return x * x


def slope(x):
    """dy/dx = 2 x."""
    return 2 * x


def chain(g, s):
    """dL/dx = g dy/dx, entry by entry."""
    return g * s


class TemplateExercise(Function):
    """What a student should hand in."""

    @staticmethod
    def forward(ctx, x):
        """The value; keeps x, at which the slope is taken."""
        ctx.save_for_backward(x)
        return value(x)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradient of x."""
        (x,) = ctx.saved_tensors
        return chain(grad_output, slope(x))
