# legal: one loss for each row of a batch
import torch
import torch as th


def sigma(x):
    return th.tanh(x)


def dsigma(x):
    y = th.tanh(x)
    return (1 - y) * (1 + y)


def loss(v, t):
    # one number per example, the loop adds them up
    return th.sum((v - t) ** 2, dim=1)


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = th.einsum("bj,ij->bi", x, w1) + b1
    x1 = sigma(s1)
    s2 = th.einsum("bj,ij->bi", x1, w2) + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = th.einsum("bi,ij->bj", d2, w2) * dsigma(s1)
    dl_dw1 += th.einsum("bi,bj->ij", d1, x)
    dl_db1 += th.einsum("bi->i", d1)
    dl_dw2 += th.einsum("bi,bj->ij", d2, x1)
    dl_db2 += th.einsum("bi->i", d2)
