import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - sigma(x).pow(2)


def loss(v, t):
    return (v - t).pow(2).sum()


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = x.mm(w1.t()) + b1
    x1 = sigma(s1)
    s2 = x1.mm(w2.t()) + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = d2.mm(w2) * dsigma(s1)
    dl_dw1 += d1.t().mm(x)
    dl_db1 += d1.sum(0)
    dl_dw2 += d2.t().mm(x1)
    dl_db2 += d2.sum(0)
