import seaborn as sns
import matplotlib.pyplot as plt
import pandas as pd
import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
sns.set_style("whitegrid")
resultats = pd.DataFrame(columns=["méthode", "itération", "coût"])
lignes = []
for couleur, (methode, taille, lr) in zip(sns.color_palette("deep", 3), [("batch", 353, .1), ("stochastique", 1, .003), ("mini-batch", 32, .03)]):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    couts = []
    for it in range(100):
        i = torch.randperm(353)[:taille]
        c = ((datax[i] @ w + b - datay[i]) ** 2).mean()
        c.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
            w.grad.zero_(); b.grad.zero_()
        couts.append(c.item())
        lignes.append({"méthode": methode, "itération": it, "coût": c.item()})
    plt.plot(couts, color=couleur, label=methode)
plt.legend(); plt.show()
print(pd.DataFrame(lignes).groupby("méthode").last())
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
