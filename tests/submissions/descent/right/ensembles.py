import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
for size, lr in ((353, 0.1), (1, 0.005), (32, 0.05)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for it in range(80):
        i = torch.randperm(353)[:size]
        loss = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
        w.grad = b.grad = None
# Question 2: ten networks of each kind at once, and the mean of their predictions
class Net(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, h), nn.Linear(h, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
crit = nn.MSELoss()
def ensemble(nets, epochs=40):
    opts = [torch.optim.Adam(n.parameters(), lr=.01) for n in nets]
    for e in range(epochs):
        losses = [crit(n(datax), datay) for n in nets]
        for o in opts:
            o.zero_grad()
        for l in losses:
            l.backward()
        for o in opts:
            o.step()
    with torch.no_grad():
        print(crit(torch.stack([n(testx) for n in nets]).mean(0), testy))
ensemble([Net(h) for h in range(4, 14)])
ensemble([nn.Sequential(nn.Linear(10, h), nn.Tanh(), nn.Linear(h, 1)) for h in range(4, 14)])
