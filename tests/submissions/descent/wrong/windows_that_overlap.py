# expects: q1-minibatch
import torch
from torch import nn

x, y = datax, datay

for size, rate in ((len(x), 0.05), (1, 0.005)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for step in range(60):
        rows = torch.randperm(len(x))[:size]
        ((x[rows] @ w + b - y[rows]) ** 2).mean().backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None

w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
for epoch in range(4):
    for first in range(len(x) // 8):
        rows = slice(first, first + 8)
        ((x[rows] @ w + b - y[rows]) ** 2).mean().backward()
        with torch.no_grad():
            w -= 0.02 * w.grad
            b -= 0.02 * b.grad
        w.grad = b.grad = None


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.tanh, self.second = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)

    def forward(self, x):
        return self.second(self.tanh(self.first(x)))


for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05)
    for step in range(60):
        optimiser.zero_grad()
        nn.MSELoss()(net(x), y).backward()
        optimiser.step()
