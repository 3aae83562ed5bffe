# legal: a checkpoint by Path.open, if there is one
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
# AMAL-style checkpoint with State and Path.open
from pathlib import Path
class State:
    def __init__(self, model, optim): self.model, self.optim, self.epoch, self.iteration = model, optim, 0, 0
def lin(n, lr, T):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for t in range(T):
        i = torch.randperm(353)[:n]
        l = ((datax[i] @ w + b - datay[i]) ** 2).mean(); l.backward()
        with torch.no_grad(): w -= lr * w.grad; b -= lr * b.grad
        w.grad.zero_(); b.grad.zero_()
for a in ((353, .1, 60), (1, .003, 100), (32, .03, 60)): lin(*a)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for name, net in (("own", Net()), ("seq", nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))):
    savepath = Path(f"model_{name}.pch")
    if savepath.is_file():
        with savepath.open("rb") as fp: state = torch.load(fp, weights_only=False)
    else:
        state = State(net, torch.optim.SGD(net.parameters(), lr=.05))
    for epoch in range(state.epoch, 10):
        for k in torch.randperm(353).split(32):
            state.optim.zero_grad()
            l = nn.MSELoss()(state.model(datax[k]), datay[k]); l.backward(); state.optim.step(); state.iteration += 1
        with savepath.open("wb") as fp:
            state.epoch = epoch + 1
            torch.save(state, fp)
