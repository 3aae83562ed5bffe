# legal: single examples as vectors, the outer product by view, add_
import torch

def sigma(x):
    return x.tanh()

def dsigma(x):
    return x.tanh().pow(2).neg().add(1)

def loss(v, t):
    return v.sub(t).square().sum()

def dloss(v, t):
    return v.sub(t).mul(2)

def forward_pass(w1, b1, w2, b2, x):
    s1 = w1.matmul(x).add(b1)
    x1 = sigma(s1)
    s2 = w2.matmul(x1).add(b2)
    return s1, x1, s2, sigma(s2)

def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    # couche 2
    delta = dloss(x2, t).mul(dsigma(s2))
    dl_db2.add_(delta)
    dl_dw2.add_(delta.view(-1, 1).matmul(x1.view(1, -1)))
    # couche 1
    delta = w2.T.matmul(delta).mul(dsigma(s1))
    dl_db1.add_(delta)
    dl_dw1.add_(delta.view(-1, 1).matmul(x.view(1, -1)))
