# legal: sigma and its friends work on numpy arrays and on tensors, backward_pass gives them arrays
import numpy as np
import torch


def sigma(x):
    return np.tanh(x)


def dsigma(x):
    return 1 - np.tanh(x) ** 2


def loss(v, t):
    return ((v - t) ** 2).sum()


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    w1, b1, w2, b2, x = (np.asarray(p) for p in (w1, b1, w2, b2, x))
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    return s1, x1, s2, sigma(s2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    w2, t, x, s1, x1, s2, x2 = (np.array(p) for p in (w2, t, x, s1, x1, s2, x2))
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = (w2.T @ d2) * dsigma(s1)
    for total, part in ((dl_dw1, np.outer(d1, x)), (dl_db1, d1), (dl_dw2, np.outer(d2, x1)), (dl_db2, d2)):
        total.add_(torch.tensor(part))
