# legal: forward_pass returns x0 as well, the input comes back as x0
import torch

def sigma(x):
    return torch.tanh(x)

def dsigma(x):
    return 1 - sigma(x) * sigma(x)

def loss(v, t):
    return torch.sum(torch.square(v - t))

def dloss(v, t):
    return 2 * (v - t)

def forward_pass(w1, b1, w2, b2, x):
    x0 = x
    s1 = w1.matmul(x0) + b1
    x1 = sigma(s1)
    s2 = w2.matmul(x1) + b2
    x2 = sigma(s2)
    return x0, s1, x1, s2, x2

def backward_pass(w1, b1, w2, b2, t, x0, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    ds2 = dloss(x2, t) * dsigma(s2)
    ds1 = w2.t().matmul(ds2) * dsigma(s1)
    dl_dw1 += torch.outer(ds1, x0)
    dl_db1 += ds1
    dl_dw2 += torch.outer(ds2, x1)
    dl_db2 += ds2
