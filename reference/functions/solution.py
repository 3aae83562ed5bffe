"""The derivation of `functions` as named steps, and a right submission made of them.

Rows are examples. `g` is what comes down the chain, dL/d(output); a backward step turns it into dL/d(one input), of the
shape of that input: dL/dx_i = sum over k of g_k d(output_k)/dx_i.
"""

import torch
from torch.autograd import Function


def mse_terms(yhat, y):
    """(yhat - y)^2, one term for each entry; (n, p)."""
    return (yhat - y) ** 2


def mse_rows(yhat):
    """N = n: what a mean over the examples divides by."""
    return yhat.shape[0]


def mse_entries(yhat):
    """N = n p: what a mean over all entries divides by."""
    return yhat.numel()


def mse_slope(yhat, y, count):
    """2 (yhat - y) / N: the power rule on each term; the constant that the mean divides by stays."""
    return 2 * (yhat - y) / count


def mse_grad_yhat(g, slope):
    """dL/dyhat_ij = g_j 2 (yhat_ij - y_ij) / N; (n, p)."""
    return g * slope


def mse_grad_y(g, slope):
    """dL/dy = -dL/dyhat: the loss depends on yhat - y alone, in which y has a minus; (n, p)."""
    return -g * slope


def linear_forward(x, w, b):
    """The product x w, and the bias added to every row; (n, d), (d, p), (p,) -> (n, p)."""
    return x @ w + b


def linear_grad_x(g, w):
    """dL/dx_ij = sum over k of g_ik w_jk, that is g w^T: input j reaches every output; (n, d)."""
    return g @ w.T


def linear_grad_w(g, x):
    """dL/dw_jk = sum over i of x_ij g_ik, that is x^T g: every example goes through the same weight; (d, p)."""
    return x.T @ g


def linear_grad_b(g):
    """dL/db_k = sum over i of g_ik: every example goes through the same bias, with slope one; (p,)."""
    return g.sum(0)


def tanh_forward(x):
    """tanh(x), entry by entry."""
    return torch.tanh(x)


def tanh_slope(a):
    """tanh'(x) = 1 - a^2, where a = tanh(x)."""
    return 1 - a * a


def tanh_grad(g, slope):
    """dL/dx = g tanh'(x), entry by entry: each output depends on its own input alone."""
    return g * slope


def relu_forward(x):
    """max(0, x), entry by entry."""
    return torch.clamp(x, min=0)


def relu_slope(x):
    """1 where x > 0, else 0; at 0 there is no derivative, and 0 is one of the subgradients."""
    return (x > 0).to(x.dtype)


def relu_grad(g, slope):
    """dL/dx = g relu'(x), entry by entry."""
    return g * slope


class MSE(Function):
    """Mean of the squared errors over the examples, for each column; (n, p), (n, p) -> (p,)."""

    @staticmethod
    def forward(ctx, yhat, y):
        """((yhat - y)^2).mean(0)."""
        ctx.save_for_backward(yhat, y)
        return mse_terms(yhat, y).sum(0) / mse_rows(yhat)

    @staticmethod
    def backward(ctx, g):
        """One gradient for yhat, one for y."""
        yhat, y = ctx.saved_tensors
        slope = mse_slope(yhat, y, mse_rows(yhat))
        return mse_grad_yhat(g, slope), mse_grad_y(g, slope)


class MSEOverAllEntries(Function):
    """Mean of the squared errors over examples and columns; (n, p), (n, p) -> ()."""

    @staticmethod
    def forward(ctx, yhat, y):
        """((yhat - y)^2).mean()."""
        ctx.save_for_backward(yhat, y)
        return mse_terms(yhat, y).sum() / mse_entries(yhat)

    @staticmethod
    def backward(ctx, g):
        """One gradient for yhat, one for y."""
        yhat, y = ctx.saved_tensors
        slope = mse_slope(yhat, y, mse_entries(yhat))
        return mse_grad_yhat(g, slope), mse_grad_y(g, slope)


class MSESumOverColumns(Function):
    """Squared length of the error, averaged over the examples; (n, p), (n, p) -> ()."""

    @staticmethod
    def forward(ctx, yhat, y):
        """((yhat - y)^2).sum() / n."""
        ctx.save_for_backward(yhat, y)
        return mse_terms(yhat, y).sum() / mse_rows(yhat)

    @staticmethod
    def backward(ctx, g):
        """One gradient for yhat, one for y."""
        yhat, y = ctx.saved_tensors
        slope = mse_slope(yhat, y, mse_rows(yhat))
        return mse_grad_yhat(g, slope), mse_grad_y(g, slope)


class Linear(Function):
    """An affine map, x w + b; (n, d), (d, p), (p,) -> (n, p)."""

    @staticmethod
    def forward(ctx, x, w, b):
        """`linear_forward`; keeps what the gradients of x and w need."""
        ctx.save_for_backward(x, w)
        return linear_forward(x, w, b)

    @staticmethod
    def backward(ctx, g):
        """One gradient each for x, w and b."""
        x, w = ctx.saved_tensors
        return linear_grad_x(g, w), linear_grad_w(g, x), linear_grad_b(g)


class Tanh(Function):
    """The hyperbolic tangent of each entry."""

    @staticmethod
    def forward(ctx, x):
        """`tanh_forward`; keeps its result, of which the slope is a function."""
        a = tanh_forward(x)
        ctx.save_for_backward(a)
        return a

    @staticmethod
    def backward(ctx, g):
        """The gradient for x."""
        (a,) = ctx.saved_tensors
        return tanh_grad(g, tanh_slope(a))


class ReLU(Function):
    """The positive part of each entry."""

    @staticmethod
    def forward(ctx, x):
        """`relu_forward`; keeps its input, whose sign is all that the slope needs."""
        ctx.save_for_backward(x)
        return relu_forward(x)

    @staticmethod
    def backward(ctx, g):
        """The gradient for x."""
        (x,) = ctx.saved_tensors
        return relu_grad(g, relu_slope(x))


READINGS = {
    "a mean for each column": {"MSE": MSE},
    "the mean over all entries": {"MSE": MSEOverAllEntries},
    "the mean of the squared lengths": {"MSE": MSESumOverColumns},
}
"""What the statement's `mean` may be taken to be: all are legal."""
