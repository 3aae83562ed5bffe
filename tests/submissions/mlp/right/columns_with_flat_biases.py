# legal: columns for the tensors of the pass, flat biases that are viewed as columns
import torch


def sigma(x):
    return (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1)


def dsigma(x):
    return 4 / (torch.exp(x) + torch.exp(-x)).pow(2)


def loss(v, t):
    return torch.dist(v, t) ** 2


def dloss(v, t):
    return -2 * (t - v)


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1.view(-1, 1)
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2.view(-1, 1)
    x2 = sigma(s2)
    return (s1, x1, s2, x2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2,
                  dl_dw1, dl_db1, dl_dw2, dl_db2):
    ds2 = dsigma(s2) * dloss(x2, t)
    dl_dw2 += ds2 @ x1.T
    dl_db2 += ds2.sum(dim=1)
    ds1 = dsigma(s1) * (w2.T @ ds2)
    dl_dw1 += ds1 @ x.T
    dl_db1 += ds1.sum(dim=1)
