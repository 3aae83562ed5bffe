# legal: backward_pass takes what it uses; the names tell which tensors these are
import torch

def sigma(x):
    return torch.tanh(x)

def dsigma(x):
    return 1 - torch.tanh(x).square()

def loss(v, t):
    return torch.sum((v - t)**2)

def dloss(v, t):
    return 2*(v-t)

def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.addmv(b1, w1, x)
    x1 = sigma(s1)
    s2 = torch.addmv(b2, w2, x1)
    x2 = sigma(s2)
    return s1, x1, s2, x2

def backward_pass(w2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2, verbose=False):
    d2 = dloss(x2, t)*dsigma(s2)
    d1 = torch.mv(w2.T, d2)*dsigma(s1)
    if verbose:
        print(d1, d2)
    dl_dw2.addr_(d2, x1)
    dl_db2.add_(d2)
    dl_dw1.addr_(d1, x)
    dl_db1.add_(d1)
