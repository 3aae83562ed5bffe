"""The derivation of `mlp` as named steps, and a right submission made of them.

Two layers: s_l = w_l x_(l-1) + b_l, x_l = sigma(s_l) with sigma = tanh, and L = ||t - x_2||^2, summed over everything
that is passed in. The steps work on rows, shape (B, n), one for each example; the two passes accept one example as a
vector (n,) or a column (n, 1) as well, and turn it into a row.
"""

import torch


def sigma(x):
    """The hyperbolic tangent of x, entry by entry."""
    return torch.tanh(x)


def dsigma(x):
    """The slope of sigma, 1 - tanh(x)^2, entry by entry; x is what sigma was applied to."""
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    """L = sum of (t - v)^2, a scalar."""
    return ((t - v) ** 2).sum()


def dloss(v, t):
    """dL/dv = 2 (v - t), shaped like v: the inner derivative of t - v turns the sign."""
    return 2 * (v - t)


def linear(x, w, b):
    """What a layer gives to sigma: w x + b, in rows x w^T + b."""
    return x @ w.T + b.reshape(-1)


def through_activation(dl_dx, s):
    """dL/ds_l = dL/dx_l sigma'(s_l), entry by entry: sigma acts on each unit alone."""
    return dl_dx * dsigma(s)


def through_weights(dl_ds, w):
    """dL/dx_(l-1) = w_l^T dL/ds_l: entry j of x_(l-1) reaches every unit i through w_l(i, j)."""
    return dl_ds @ w


def weight_gradient(dl_ds, x):
    """dL/dw_l = dL/ds_l x_(l-1)^T, summed over the examples; shape (n_l, n_(l-1))."""
    return dl_ds.T @ x


def bias_gradient(dl_ds):
    """dL/db_l = dL/ds_l, summed over the examples; shape (n_l,)."""
    return dl_ds.sum(0)


def accumulate(total, gradient):
    """What is there stays: the caller's own tensor grows by the gradient."""
    total += gradient.view_as(total)


def in_rows(x):
    """One example as a row; n is at least 2."""
    return x.reshape(1, -1) if x.ndim == 1 or x.shape[1] == 1 else x


def forward_pass(w1, b1, w2, b2, x):
    """The tensors s1, x1, s2, x2 of the forward pass."""
    s1 = linear(in_rows(x), w1, b1)
    x1 = sigma(s1)
    s2 = linear(x1, w2, b2)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    """Add dL/dw_l and dL/db_l to the last four tensors, last layer first."""
    t, x, s1, x1, s2, x2 = (in_rows(each) for each in (t, x, s1, x1, s2, x2))
    dl_ds2 = through_activation(dloss(x2, t), s2)
    accumulate(dl_dw2, weight_gradient(dl_ds2, x1))
    accumulate(dl_db2, bias_gradient(dl_ds2))
    dl_ds1 = through_activation(through_weights(dl_ds2, w2), s1)
    accumulate(dl_dw1, weight_gradient(dl_ds1, x))
    accumulate(dl_db1, bias_gradient(dl_ds1))
