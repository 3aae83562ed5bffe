# Pas de la descente : 1/L, L = plus grande valeur propre de la hessienne
import torch
from torch import nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()
n = len(datax)
H = 2 * datax.T @ datax / n
L = torch.linalg.eigvalsh(H).max()
pas = 1 / L
print("pas =", pas)

def mse(x, y, w, b): return ((x @ w + b - y) ** 2).mean()

w = torch.zeros(10, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
for k in range(100):
    c = mse(datax, datay, w, b)
    c.backward()
    with torch.no_grad():
        w -= pas * w.grad
        b -= pas * b.grad
    w.grad.zero_(); b.grad.zero_()
for m, p in ((1, pas / 50), (30, pas / 5)):
    w = torch.zeros(10, 1, requires_grad=True); b = torch.zeros(1, requires_grad=True)
    for k in range(150):
        i = torch.randperm(n)[:m]
        c = mse(datax[i], datay[i], w, b)
        c.backward()
        with torch.no_grad():
            w -= p * w.grad
            b -= p * b.grad
        w.grad.zero_(); b.grad.zero_()

l1, t, l2, cout = nn.Linear(10, 5), nn.Tanh(), nn.Linear(5, 1), nn.MSELoss()
o = torch.optim.SGD([{"params": l1.parameters()}, {"params": l2.parameters()}], lr=.05)
for k in range(100):
    o.zero_grad(); cout(l2(t(l1(datax))), datay).backward(); o.step()
s = nn.Sequential(nn.Linear(10, 5), nn.Tanh(), nn.Linear(5, 1))
o = torch.optim.SGD(s.parameters(), lr=.05)
for k in range(100):
    o.zero_grad(); cout(s(datax), datay).backward(); o.step()
