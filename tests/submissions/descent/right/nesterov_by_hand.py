# legal: Nesterov's momentum, by hand
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
def run(kind, bs, lr, mu=.9):
    W = torch.nn.Parameter(torch.randn(10, 1) * .1); B = torch.nn.Parameter(torch.zeros(1))
    V = [torch.zeros_like(W), torch.zeros_like(B)]
    hist = []
    for it in range(70):
        idx = torch.randint(0, 353, (bs,)) if bs < 353 else slice(None)
        # look ahead
        with torch.no_grad():
            for p, v in zip((W, B), V): p.add_(v, alpha=mu)
        loss = F.mse_loss(datax[idx] @ W + B, datay[idx])
        loss.backward()
        with torch.no_grad():
            for p, v in zip((W, B), V):
                p.add_(v, alpha=-mu)
                v.mul_(mu).add_(p.grad, alpha=-lr)
                p.add_(v)
                p.grad.zero_()
        hist.append(loss.item())
    return hist
for a in (("b", 353, .02), ("s", 1, .0005), ("m", 30, .01)): print(run(*a)[-1])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
