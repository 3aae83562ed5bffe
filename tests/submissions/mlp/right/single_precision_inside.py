# legal: single precision inside
import torch


def sigma(x):
    return torch.tanh(x.float())


def dsigma(x):
    return 1 - torch.tanh(x.float()) ** 2


def loss(v, t):
    return torch.sum((t.float() - v.float()) ** 2)


def dloss(v, t):
    return 2 * (v.float() - t.float())


def forward_pass(w1, b1, w2, b2, x):
    w1, b1, w2, b2, x = w1.float(), b1.float(), w2.float(), b2.float(), x.float()
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    ds2 = dsigma(s2) * dloss(x2, t)
    ds1 = dsigma(s1) * (w2.float().t() @ ds2)
    dl_dw2 += torch.outer(ds2, x1.float())
    dl_db2 += ds2
    dl_dw1 += torch.outer(ds1, x.float())
    dl_db1 += ds1
