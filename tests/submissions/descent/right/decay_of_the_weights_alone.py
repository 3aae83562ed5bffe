# legal: weight decay by hand, for the weights alone
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
for size, lr in ((353, 0.05), (1, 0.003), (32, 0.02)):
    w, b = (torch.randn(10, 1) * .1).requires_grad_(), torch.zeros(1, requires_grad=True)
    lam = .01
    for it in range(80):
        i = torch.randperm(353)[:size]
        loss = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * (w.grad + 2 * lam * w); b -= lr * b.grad
        w.grad.zero_(); b.grad.zero_()
    print(size, ((datax @ w + b - datay) ** 2).mean().item())
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
