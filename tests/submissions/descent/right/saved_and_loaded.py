# legal: saves the best network and loads it again
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
def train(net, path, epochs=60):
    opt, crit, best = torch.optim.Adam(net.parameters(), 1e-2), nn.MSELoss(), math.inf
    for e in range(epochs):
        opt.zero_grad(); loss = crit(net(datax), datay); loss.backward(); opt.step()
        with torch.no_grad(): v = crit(net(testx), testy).item()
        if v < best: best = v; torch.save(net.state_dict(), path)
    net.load_state_dict(torch.load(path, weights_only=True))
    return best
def main():
    print(train(Net(), "own.pt"))
    print(train(nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)), "seq.pt"))
main()
