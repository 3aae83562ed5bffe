import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return torch.sum((t - v) ** 2)


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    dl_ds2 = dloss(x2, t) * dsigma(s2)
    dl_ds1 = dsigma(s1) * (w2.T @ dl_ds2)
    dl_dw2 += torch.outer(dl_ds2, x1)
    dl_db2 += dl_ds2
    dl_dw1 += torch.outer(dl_ds1, x)
    dl_db1 += dl_ds1
