import torch
import torch.nn as nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def f(x, w, b):
    return torch.mm(x, w) + b
def mse(yhat, y):
    return torch.mean((yhat - y) ** 2)

def descente(taille, eps, epochs):
    w = torch.rand(10, 1, requires_grad=True)
    b = torch.rand(1, requires_grad=True)
    for e in range(epochs):
        p = torch.randperm(353)
        for d in range(0, 353, taille):
            i = p[d:d + taille]
            c = mse(f(datax[i], w, b), datay[i])
            c.backward()
            w.data = w.data - eps * w.grad
            b.data = b.data - eps * b.grad
            w.grad.zero_(); b.grad.zero_()
    print(taille, mse(f(testx, w, b), testy).item())
descente(353, 0.05, 100)
descente(1, 0.001, 2)
descente(50, 0.01, 10)

# Question 2
lin1 = nn.Linear(10, 8)
tanh = nn.Tanh()
lin2 = nn.Linear(8, 1)
loss = nn.MSELoss()
optim = torch.optim.SGD(list(lin1.parameters()) + list(lin2.parameters()), lr=0.05)
for e in range(100):
    yhat = lin2.forward(tanh.forward(lin1.forward(datax)))
    c = loss.forward(yhat, datay)
    optim.zero_grad()
    c.backward()
    optim.step()

net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
optim = torch.optim.SGD(net.parameters(), lr=0.05)
for e in range(100):
    yhat = net.forward(datax)
    c = loss.forward(yhat, datay)
    optim.zero_grad()
    c.backward()
    optim.step()
