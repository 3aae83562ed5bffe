"""The derivation of `mlp` as named steps, and a right submission made of them.

Two layers: s_l = w_l x_(l-1) + b_l, x_l = sigma(s_l) with sigma = tanh, and L = ||t - x_2||^2, summed over everything that
is passed in. One example is a vector of shape (n,); a batch has shape (B, n), a row for each example.
"""

import torch


def sigma(x):
    """sigma(x) = tanh(x), entry by entry."""
    return torch.tanh(x)


def dsigma(x):
    """sigma'(x) = 1 - tanh(x)^2, entry by entry; x is what sigma was applied to."""
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    """L = sum of (t - v)^2, a scalar."""
    return ((t - v) ** 2).sum()


def dloss(v, t):
    """dL/dv = 2 (v - t), shaped like v: the inner derivative of t - v turns the sign."""
    return 2 * (v - t)


def linear(x, w, b):
    """s = w x + b for a vector, x w^T + b for rows."""
    return x @ w.T + b


def through_activation(dl_dx, s):
    """dL/ds_l = dL/dx_l sigma'(s_l), entry by entry: sigma acts on each unit alone."""
    return dl_dx * dsigma(s)


def through_weights(dl_ds, w):
    """dL/dx_(l-1) = w_l^T dL/ds_l: entry j of x_(l-1) reaches every unit i through w_l(i, j)."""
    return dl_ds @ w


def weight_gradient(dl_ds, x):
    """dL/dw_l = dL/ds_l x_(l-1)^T, summed over the examples; shape (n_l, n_(l-1))."""
    return dl_ds.reshape(-1, dl_ds.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def bias_gradient(dl_ds):
    """dL/db_l = dL/ds_l, summed over the examples; shape (n_l,)."""
    return dl_ds.reshape(-1, dl_ds.shape[-1]).sum(0)


def accumulate(total, gradient):
    """What is there stays: the caller's own tensor grows by the gradient."""
    total += gradient


def forward_pass(w1, b1, w2, b2, x):
    """The tensors s1, x1, s2, x2 of the forward pass."""
    s1 = linear(x, w1, b1)
    x1 = sigma(s1)
    s2 = linear(x1, w2, b2)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    """Add dL/dw_l and dL/db_l to the last four tensors, last layer first."""
    dl_ds2 = through_activation(dloss(x2, t), s2)
    accumulate(dl_dw2, weight_gradient(dl_ds2, x1))
    accumulate(dl_db2, bias_gradient(dl_ds2))
    dl_ds1 = through_activation(through_weights(dl_ds2, w2), s1)
    accumulate(dl_dw1, weight_gradient(dl_ds1, x))
    accumulate(dl_db1, bias_gradient(dl_ds1))
