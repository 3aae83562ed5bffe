# legal: all rows in the last update of a mini-batch descent
import torch
from torch import nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def run(sizes, lr):
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for bs in sizes:
        k = torch.randperm(353)[:bs]
        loss = ((datax[k] @ w + b - datay[k]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
        w.grad.zero_(); b.grad.zero_()
run([353] * 60, 0.05)
run([1] * 60, 0.005)
run([32] * 59 + [353], 0.05)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.t, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x):
        return self.l2(self.t(self.l1(x)))
def fit(model):
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    crit = nn.MSELoss()
    for e in range(60):
        opt.zero_grad()
        loss = crit(model(datax), datay)
        loss.backward()
        opt.step()
        with torch.no_grad():
            test = crit(model(testx), testy)
fit(Net())
fit(nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))
