# legal: the gradients come in as one *rest
import torch
sigma = torch.tanh
def dsigma(x): return 1 - sigma(x) ** 2
def loss(v, t): return float(((v - t) ** 2).sum())
def dloss(v, t): return 2 * (v - t)
def forward_pass(*args):
    w1, b1, w2, b2, x = args
    s1 = w1 @ x + b1; x1 = sigma(s1); s2 = w2 @ x1 + b2
    return [s1, x1, s2, sigma(s2)]
def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, *grads):
    gw1, gb1, gw2, gb2 = grads
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = (d2 @ w2) * dsigma(s1)
    for g, v in zip(grads, (torch.outer(d1, x), d1, torch.outer(d2, x1), d2)): g.add_(v)
