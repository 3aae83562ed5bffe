# legal: two optimisers, one for the weights, one for the biases
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
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    o1 = torch.optim.SGD([p for p in net.parameters() if p.dim() > 1], lr=.05)
    o2 = torch.optim.SGD([p for p in net.parameters() if p.dim() == 1], lr=.1); crit = nn.MSELoss()
    for it in range(80):
        o1.zero_grad(); o2.zero_grad(); crit(net(datax), datay).backward(); o1.step(); o2.step()
