import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
# everything with torch.linalg
def train(size, lr, steps):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for s in range(steps):
        i = torch.randperm(353)[:size]
        r = torch.linalg.matmul(datax[i], w) + b - datay[i]
        loss = torch.linalg.vector_norm(r) ** 2 / size
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
            w.grad.zero_(); b.grad.zero_()
train(353, .1, 80); train(1, .003, 200); train(32, .03, 100)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
