# legal: three descents side by side in one loop, from the same start
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
P = {k: [torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)] for k in ("batch", "sgd", "mini")}
rows = {"batch": lambda: slice(None), "sgd": lambda: [random.randint(0, 352)], "mini": lambda: random.choices(range(353), k=16)}
lr = dict(batch=.1, sgd=.003, mini=.03)
for t in range(100):
    for k, (w, b) in P.items():
        i = rows[k]()
        l = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        l.backward()
        with torch.no_grad():
            for p in P[k]: p -= lr[k] * p.grad; p.grad *= 0
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
