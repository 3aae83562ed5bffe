# Recherche du pas et de la taille par validation croisée, puis entraînement final
import torch
from torch import nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()
torch.manual_seed(0)
plis = torch.randperm(353).chunk(5)

def cout(x, y, w, b):
    return ((x @ w + b - y) ** 2).mean()

def descente(x, y, taille, lr, n):
    w = torch.randn(10, 1).mul_(.1).requires_grad_()
    b = torch.zeros(1, requires_grad=True)
    for it in range(n):
        i = torch.randperm(len(x))[:taille]
        w.grad = b.grad = None
        cout(x[i], y[i], w, b).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w.detach(), b.detach()

resultats = {}
for lr in (.003, .01, .03, .1, .15, .2):
    scores = []
    for k in range(5):
        val = plis[k]
        app = torch.cat([plis[j] for j in range(5) if j != k])
        w, b = descente(datax[app], datay[app], len(app), lr, 120)
        scores.append(cout(datax[val], datay[val], w, b).item())
    resultats[lr] = sum(scores) / 5
meilleur = min(resultats, key=resultats.get)
print(resultats, meilleur)
for taille, lr in ((353, meilleur), (1, .002), (32, .02)):
    w, b = descente(datax, datay, taille, lr, 150)
    print(taille, cout(testx, testy, w, b).item())

class Net(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.l1 = nn.Linear(10, h)
        self.l2 = nn.Linear(h, 1)
    def forward(self, x):
        return self.l2(torch.tanh(self.l1(x)))
def entraine(net, n=100):
    opt = torch.optim.Adam(net.parameters(), lr=.01)
    crit = nn.MSELoss()
    for it in range(n):
        opt.zero_grad()
        l = crit(net(datax), datay)
        l.backward()
        opt.step()
entraine(Net(10))
entraine(nn.Sequential(nn.Linear(10, 10), nn.Tanh(), nn.Linear(10, 1)))
