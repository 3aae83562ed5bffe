# legal: an optimiser of its own around another one
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
for size, lr in ((353, 0.1), (1, 0.005), (32, 0.05)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for it in range(80):
        i = torch.randperm(353)[:size]
        loss = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
        w.grad = b.grad = None
# SAM; gradient centralisation; Lookahead
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
class Lookahead(torch.optim.Optimizer):
    def __init__(self, base, k=5, alpha=.5):
        self.base, self.k, self.alpha, self.n = base, k, alpha, 0
        super().__init__(base.param_groups, {})
        self.slow = [p.detach().clone() for g in base.param_groups for p in g["params"]]
    def step(self, closure=None):
        self.base.step(); self.n += 1
        if self.n % self.k == 0:
            with torch.no_grad():
                for s, p in zip(self.slow, (p for g in self.base.param_groups for p in g["params"])):
                    s += self.alpha * (p - s); p.copy_(s)
    def zero_grad(self, set_to_none=True): self.base.zero_grad(set_to_none)
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = Lookahead(torch.optim.Adam(net.parameters(), lr=.01)); crit = nn.MSELoss()
    for t in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
