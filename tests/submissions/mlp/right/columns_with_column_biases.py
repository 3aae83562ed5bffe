# legal: everything is a column, the biases too (as in our training loop, with b1 = torch.empty(nh, 1))
import torch

def sigma(x):
    return torch.tanh(x)

def dsigma(x):
    return 1.0 - torch.mul(torch.tanh(x), torch.tanh(x))

def loss(v, t):
    diff = v - t
    return torch.mm(diff.t(), diff)      # 1 x 1

def dloss(v, t):
    return 2*v - 2*t

def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.mm(w1, x) + b1
    x1 = sigma(s1)
    s2 = torch.mm(w2, x1) + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2

def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    dl_ds2 = dloss(x2, t) * dsigma(s2)
    dl_ds1 = torch.mm(w2.t(), dl_ds2) * dsigma(s1)
    dl_dw1 += torch.mm(dl_ds1, x.t())
    dl_db1 += dl_ds1
    dl_dw2 += torch.mm(dl_ds2, x1.t())
    dl_db2 += dl_ds2
