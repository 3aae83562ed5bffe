# legal: one theta for examples in columns, with a row of ones
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
# columns with ones
X = torch.vstack([datax.T, torch.ones(1, 353)]); Y = datay.T
for bs, lr in [(353, .05), (1, .002), (32, .02)]:
    theta = torch.zeros(1, 11, requires_grad=True)
    for it in range(80):
        idx = torch.randperm(353)[:bs]
        J = (theta @ X[:, idx] - Y[:, idx]).pow(2).mean(); J.backward()
        with torch.no_grad(): theta -= lr * theta.grad
        theta.grad.zero_()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
