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
# Question 2, on decorrelated inputs
C = datax.T @ datax / len(datax)
valeurs, vecteurs = torch.linalg.eigh(C)
Z = datax @ vecteurs / valeurs.sqrt()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(Z), datay).backward(); opt.step()
