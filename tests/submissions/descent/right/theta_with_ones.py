# legal: one theta, with a column of ones; the last batch has one row
import math, random, copy, itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
# ones added, then TensorDataset + DataLoader
from torch.utils.data import TensorDataset, DataLoader
Xb = torch.column_stack([datax, torch.ones(353)])
def train(bs, lr, epochs):
    th = nn.Parameter(torch.zeros(11, 1)); dl = DataLoader(TensorDataset(Xb, datay), batch_size=bs, shuffle=True)
    for e in range(epochs):
        for xb, yb in dl:
            th.grad = None
            F.mse_loss(xb @ th, yb).backward()
            th.data -= lr * th.grad
train(353, .1, 60); train(1, .002, 1); train(32, .02, 8)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
