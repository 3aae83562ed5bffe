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
class Net(nn.Module):
    """Rend la prédiction, et le coût si la cible est donnée."""
    def __init__(self, h=8):
        super().__init__()
        self.couches = nn.Sequential(nn.Linear(10, h), nn.Tanh(), nn.Linear(h, 1))
        self.mse = nn.MSELoss()
    def forward(self, x, y=None):
        yhat = self.couches(x)
        return yhat, (None if y is None else self.mse(yhat, y))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=.01)
for it in range(80):
    opt.zero_grad()
    yhat, cout = net(datax, datay)
    cout.backward()
    opt.step()
seq = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(seq.parameters(), lr=.01)
for it in range(80):
    opt.zero_grad()
    nn.MSELoss()(seq(datax), datay).backward()
    opt.step()
