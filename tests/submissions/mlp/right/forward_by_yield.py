# legal: forward_pass is a generator
import torch
torch.set_default_dtype(torch.double)
torch.manual_seed(1)
EPS = 0.0

def sigma(x, *, out=None):
    x = torch.as_tensor(x)
    return torch.sinh(x).div(torch.cosh(x))

def dsigma(x):
    return torch.cosh(torch.as_tensor(x)) ** -2

def loss(prediction, target):
    return (prediction - target).square().sum(dim=-1).sum()

def dloss(prediction, target):
    return (prediction - target) + (prediction - target)

def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.nn.functional.linear(x, w1, b1)
    x1 = sigma(s1)
    s2 = torch.nn.functional.linear(x1, w2, b2)
    x2 = sigma(s2)
    yield from (s1, x1, s2, x2)

def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    dl_dx2 = dloss(prediction=x2, target=t)
    dl_ds2 = dl_dx2 * dsigma(s2)
    dl_dx1 = torch.tensordot(dl_ds2, w2, dims=1)
    dl_ds1 = dl_dx1 * dsigma(s1)
    torch.add(dl_dw2, torch.ger(dl_ds2, x1), out=dl_dw2)
    torch.add(dl_db2, dl_ds2, out=dl_db2)
    torch.add(dl_dw1, torch.ger(dl_ds1, x), out=dl_dw1)
    torch.add(dl_db1, dl_ds1, out=dl_db1)
    return dl_dw1, dl_db1, dl_dw2, dl_db2
