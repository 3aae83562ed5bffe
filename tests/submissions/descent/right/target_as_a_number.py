import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
# Débutant : en stochastique, la cible est un nombre Python
w = torch.zeros(10, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
for it in range(60):
    cout = ((datax @ w + b - datay) ** 2).mean()
    cout.backward()
    with torch.no_grad():
        w -= .1 * w.grad; b -= .1 * b.grad
        w.grad.zero_(); b.grad.zero_()
w = torch.zeros(10, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
for i in range(len(datax)):
    cible = datay[i].item()
    yhat = datax[i] @ w + b
    cout = (yhat - cible) ** 2
    cout.backward()
    with torch.no_grad():
        w -= .002 * w.grad; b -= .002 * b.grad
        w.grad.zero_(); b.grad.zero_()
w = torch.zeros(10, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
for it in range(60):
    i = torch.randint(0, 353, (16,))
    cout = ((datax[i] @ w + b - datay[i]) ** 2).mean()
    cout.backward()
    with torch.no_grad():
        w -= .03 * w.grad; b -= .03 * b.grad
        w.grad.zero_(); b.grad.zero_()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
