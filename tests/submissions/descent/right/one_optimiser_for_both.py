# legal: one optimiser for both networks
import torch
from torch import nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def mse(p, t):
    return ((p - t) ** 2).mean()
def train_linear(bs, steps, lr):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for i in range(steps):
        idx = torch.randperm(len(datax))[:bs]
        loss = mse(datax[idx] @ w + b, datay[idx])
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
            w.grad.zero_(); b.grad.zero_()
            test = mse(testx @ w + b, testy).item()
train_linear(len(datax), 60, 0.05)
train_linear(1, 60, 0.005)
train_linear(32, 60, 0.05)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.t, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x):
        return self.l2(self.t(self.l1(x)))
net = Net()
seq = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
crit = nn.MSELoss()

opt = torch.optim.Adam(list(net.parameters()) + list(seq.parameters()), lr=0.01)
for model in (net, seq):
    for e in range(60):
        opt.zero_grad()
        crit(model(datax), datay).backward()
        opt.step()
