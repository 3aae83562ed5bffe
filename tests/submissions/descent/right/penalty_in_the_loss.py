# legal: a penalty in the loss
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
for size, lr in ((353, .02), (1, .002), (32, .01)):
    w, b = torch.randn(10, 1).mul_(.3).requires_grad_(), torch.zeros(1, requires_grad=True)
    for it in range(100):
        i = torch.randperm(353)[:size]
        loss = ((datax[i] @ w + b - datay[i]) ** 2).mean() + .01 * (w ** 2).sum()
        loss.backward()
        with torch.no_grad(): w -= lr * w.grad; b -= lr * b.grad
        w.grad = b.grad = None
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
