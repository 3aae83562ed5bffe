# TP2 descente de gradient - même initialisation pour comparer honnêtement
import torch
import torch.nn as nn
from exercise import diabetes
import matplotlib.pyplot as plt

datax, datay, testx, testy = diabetes()
courbes = {}
for nom, taille in [("batch", len(datax)), ("stochastique", 1), ("mini-batch", 32)]:
    torch.manual_seed(42)          # même point de départ pour les trois
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.randn(1, requires_grad=True)
    eps = 1e-3
    app, tst = [], []
    for it in range(60):
        ind = torch.randperm(len(datax))[:taille]
        yhat = datax[ind] @ w + b
        cout = ((yhat - datay[ind]) ** 2).mean()
        cout.backward()
        with torch.no_grad():
            w -= eps * w.grad
            b -= eps * b.grad
            w.grad.zero_()
            b.grad.zero_()
            app.append(cout.item())
            tst.append(((testx @ w + b - testy) ** 2).mean().item())
    courbes[nom] = (app, tst)
for nom, (a, t) in courbes.items():
    plt.plot(a, label=nom + " app"); plt.plot(t, label=nom + " test")
plt.legend(); plt.show()

class Reseau(nn.Module):
    def __init__(self, cache=16):
        super().__init__()
        self.lin1 = nn.Linear(10, cache)
        self.tanh = nn.Tanh()
        self.lin2 = nn.Linear(cache, 1)
    def forward(self, x):
        return self.lin2(self.tanh(self.lin1(x)))

mse = nn.MSELoss()
for modele in [Reseau(), nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))]:
    opt = torch.optim.SGD(modele.parameters(), lr=1e-2)
    for it in range(100):
        opt.zero_grad()
        l = mse(modele(datax), datay)
        l.backward()
        opt.step()
