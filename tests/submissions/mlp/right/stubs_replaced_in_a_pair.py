import torch
def sigma(x):
    """tanh"""
    # your code
def dsigma(x):
    """its derivative"""
    # your code
def loss(v, t):
    return ((v - t) ** 2).sum()
def dloss(v, t):
    return 2 * (v - t)
def forward_pass(w1, b1, w2, b2, x):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    return s1, x1, s2, sigma(s2)
def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = (w2.T @ d2) * dsigma(s1)
    dl_dw2.add_(torch.outer(d2, x1))
    dl_db2.add_(d2)
    dl_dw1.add_(torch.outer(d1, x))
    dl_db1.add_(d1)

def pair():
    return torch.tanh, lambda x: 1 - torch.tanh(x) ** 2
sigma, dsigma = pair()
