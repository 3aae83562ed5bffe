# legal: the parameters of the first network are parts of one flat vector
import torch
from torch import nn
from exercise import diabetes

datax, datay, testx, testy = diabetes()
for size, lr in ((353, 0.1), (1, 0.005), (32, 0.05)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for it in range(80):
        i = torch.randperm(353)[:size]
        loss = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None


class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(0.3 * torch.randn(97))

    def forward(self, x):
        w1, b1, w2, b2 = self.theta.split([80, 8, 8, 1])
        return torch.tanh(x @ w1.reshape(10, 8) + b1) @ w2.reshape(8, 1) + b2


for net in (Flat(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt, crit = torch.optim.SGD(net.parameters(), lr=0.05), nn.MSELoss()
    for it in range(80):
        opt.zero_grad()
        crit(net(datax), datay).backward()
        opt.step()
