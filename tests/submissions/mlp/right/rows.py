# legal: one row for an example; the parts of a step one after the other, with asserts
import torch
from torch import Tensor


def sigma(x: Tensor) -> Tensor:
    return torch.tanh(x)


def dsigma(x: Tensor) -> Tensor:
    return torch.ones_like(x) - torch.pow(sigma(x), 2)


def loss(v: Tensor, t: Tensor) -> Tensor:
    return torch.linalg.norm(t - v) ** 2


def dloss(v: Tensor, t: Tensor) -> Tensor:
    return 2.0 * torch.sub(v, t)


def forward_pass(w1, b1, w2, b2, x):
    assert x.dim() == 2, "one row per example"
    s1 = x.mm(w1.t()).add(b1)
    x1 = sigma(s1)
    s2 = x1.mm(w2.t()).add(b2)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    assert x.shape[0] == t.shape[0]
    g2 = dloss(x2, t).mul(dsigma(s2))
    g1 = g2.mm(w2).mul(dsigma(s1))
    dl_dw2 += g2.t().mm(x1)
    dl_dw1 += g1.t().mm(x)
    dl_db2 += g2.squeeze(0)
    dl_db1 += g1.squeeze(0)
