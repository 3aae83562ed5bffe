# expects: q1-loss
# mistake: mse-sum-not-mean
import torch
from torch import nn

x, y = datax, datay

for size, rate in ((len(x), 0.5), (1, 0.005), (32, 0.02)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for step in range(60):
        rows = torch.randperm(len(x))[:size]
        ((x[rows] @ w + b - y[rows]) ** 2).sum().backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
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
