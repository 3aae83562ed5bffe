# legal: a list in place of a tuple; the sums are returned too
import torch


def sigma(x):
    out = x.clone()
    return out.tanh_()


def dsigma(x):
    c = torch.cosh(x)
    return torch.reciprocal(c * c)


def loss(v, t):
    return sum((v.reshape(-1) - t.reshape(-1)) ** 2)


def dloss(v, t):
    g = v.clone()
    g -= t
    g *= 2
    return g


def forward_pass(w1, b1, w2, b2, x):
    tensors = []
    h = x
    for w, b in [(w1, b1), (w2, b2)]:
        s = torch.mv(w, h) + b
        h = sigma(s)
        tensors += [s, h]
    return tensors


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    g = dloss(x2, t)
    for w, s, below, dw, db in [(w2, s2, x1, dl_dw2, dl_db2), (w1, s1, x, dl_dw1, dl_db1)]:
        g = g * dsigma(s)
        dw += g[:, None] * below[None, :]
        db += g
        g = torch.mv(w.t(), g)
    return dl_dw1, dl_db1, dl_dw2, dl_db2
