# legal, if slow: Python loops over the entries of vectors
import math

import torch


def sigma(x):
    out = torch.empty_like(x)
    for i, value in enumerate(x.flatten()):
        out.view(-1)[i] = math.tanh(value)
    return out


def dsigma(x):
    out = torch.empty_like(x)
    for i, value in enumerate(x.flatten().tolist()):
        out.view(-1)[i] = 1 - math.tanh(value) ** 2
    return out


def loss(v, t):
    total = 0.0
    for a, b in zip(v.flatten().tolist(), t.flatten().tolist()):
        total += (a - b) ** 2
    return total


def dloss(v, t):
    return torch.stack([2 * (a - b) for a, b in zip(v, t)])


def forward_pass(w1, b1, w2, b2, x):
    s1 = b1.clone()
    for i in range(len(b1)):
        for j in range(len(x)):
            s1[i] += w1[i, j] * x[j]
    x1 = sigma(s1)
    s2 = b2.clone()
    for i in range(len(b2)):
        for j in range(len(x1)):
            s2[i] += w2[i, j] * x1[j]
    return s1, x1, s2, sigma(s2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    ds2 = dsigma(s2) * dloss(x2, t)
    for i in range(len(b2)):
        dl_db2[i] += ds2[i]
        for j in range(len(x1)):
            dl_dw2[i, j] += ds2[i] * x1[j]
    dx1 = torch.zeros_like(x1)
    for i in range(len(b2)):
        for j in range(len(x1)):
            dx1[j] += w2[i, j] * ds2[i]
    ds1 = dsigma(s1) * dx1
    for i in range(len(b1)):
        dl_db1[i] += ds1[i]
        for j in range(len(x)):
            dl_dw1[i, j] += ds1[i] * x[j]
