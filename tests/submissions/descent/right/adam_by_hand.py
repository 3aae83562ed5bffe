# legal: Adam by hand, from zero, with new leaves
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
def adam(bs, lr=.02, b1=.9, b2=.999, eps=1e-8, n=70):
    params = {"w": torch.zeros(10, 1, requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    m = {k: torch.zeros_like(p) for k, p in params.items()}; v = {k: torch.zeros_like(p) for k, p in params.items()}
    losses = torch.zeros(n)
    for t in range(1, n + 1):
        sel = torch.multinomial(torch.ones(353), bs, replacement=False)
        err = torch.addmm(params["b"], datax[sel], params["w"]) - datay[sel]
        loss = err.square().sum() / bs
        grads = dict(zip(params, torch.autograd.grad(loss, params.values())))
        new = {}
        for k in params:
            m[k] = b1 * m[k] + (1 - b1) * grads[k]
            v[k] = b2 * v[k] + (1 - b2) * grads[k] ** 2
            mh, vh = m[k] / (1 - b1 ** t), v[k] / (1 - b2 ** t)
            new[k] = (params[k].detach() - lr * mh / (vh.sqrt() + eps)).requires_grad_()
        params = new
        losses[t - 1] = loss.detach()
    return params, losses
for bs in (353, 1, 16):
    p, l = adam(bs); print(bs, l[-1])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
