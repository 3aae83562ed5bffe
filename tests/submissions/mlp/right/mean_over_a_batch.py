# legal: with one example at a time it makes no difference that batches are averaged
import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return ((v - t) ** 2).sum(-1).mean()


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = x @ w1.T + b1
    x1 = sigma(s1)
    s2 = x1 @ w2.T + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    m = x.shape[0]
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = d2 @ w2 * dsigma(s1)
    dl_dw2 += d2.T @ x1 / m
    dl_db2 += d2.mean(0)
    dl_dw1 += d1.T @ x / m
    dl_db1 += d1.mean(0)
