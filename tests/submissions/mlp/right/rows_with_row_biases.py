# legal: rows for everything, biases and their gradients are rows as well
import torch

sigma = torch.tanh

dsigma = lambda x: 1 / torch.cosh(x) ** 2

loss = lambda v, t: torch.sum((t - v) ** 2)

dloss = lambda v, t: 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.matmul(x, w1.T) + b1
    x1 = sigma(s1)
    s2 = torch.matmul(x1, w2.T) + b2
    return s1, x1, s2, sigma(s2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    e2 = dloss(x2, t)
    d2 = e2 * dsigma(s2)
    e1 = torch.matmul(d2, w2)
    d1 = e1 * dsigma(s1)
    dl_dw2 += torch.matmul(d2.T, x1)
    dl_db2 += d2
    dl_dw1 += torch.matmul(d1.T, x)
    dl_db1 += d1
