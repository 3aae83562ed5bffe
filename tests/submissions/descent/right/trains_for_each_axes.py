import numpy as np
import torch
import torch.nn as nn
import matplotlib.pyplot as plt
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def entraine(taille, lr, n):
    w = torch.zeros((10, 1), requires_grad=True)
    b = torch.zeros((1,), requires_grad=True)
    a, t = [], []
    for i in range(n):
        k = torch.from_numpy(np.random.choice(353, taille, replace=False))
        cout = torch.mean((datax[k] @ w + b - datay[k]) ** 2)
        cout.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
            w.grad = None; b.grad = None
            a.append(float(cout)); t.append(float(torch.mean((testx @ w + b - testy) ** 2)))
    return a, t

fig, axes = plt.subplots(1, 3, figsize=(15, 4), sharey=True)
for ax, (titre, taille, lr) in zip(axes, [("batch", 353, .05), ("stochastique", 1, .002), ("mini-batch", 32, .02)]):
    a, t = entraine(taille, lr, 120)
    ax.plot(a, label="apprentissage")
    ax.plot(t, label="test")
    ax.set_title(titre)
    ax.legend()
plt.tight_layout()
plt.savefig("q1.png")

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.l1 = nn.Linear(10, 8); self.t = nn.Tanh(); self.l2 = nn.Linear(8, 1)
    def forward(self, x):
        return self.l2(self.t(self.l1(x)))
fig, (ax1, ax2) = plt.subplots(2, 1)
for ax, net in zip((ax1, ax2), (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))):
    opt = torch.optim.SGD(net.parameters(), lr=.05)
    c = []
    for i in range(100):
        opt.zero_grad()
        l = nn.MSELoss()(net(datax), datay)
        l.backward(); opt.step(); c.append(l.item())
    ax.plot(c)
plt.show()
