# legal: brings whatever it gets into columns, and works on these only
import torch


def col(a):
    return a.reshape(-1, 1)


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return torch.sum((col(v) - col(t)) ** 2)


def dloss(v, t):
    return 2 * (col(v) - col(t))


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ col(x) + col(b1)
    x1 = sigma(s1)
    s2 = w2 @ x1 + col(b2)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    ds2 = dsigma(s2) * dloss(x2, t)
    ds1 = dsigma(s1) * (w2.T @ ds2)
    dl_dw2 += ds2 @ x1.T
    dl_db2 += ds2.view_as(dl_db2)
    dl_dw1 += ds1 @ col(x).T
    dl_db1 += ds1.view_as(dl_db1)
