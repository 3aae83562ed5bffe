import torch

N = datax.shape[0]
lr = 0.02

def cost(x, y, w, b):
    e = x @ w + b - y
    return (e * e).sum() / len(x)

def descend(pick, steps, lr):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for t in range(steps):
        x, y = pick(t)
        L = cost(x, y, w, b)
        L.backward()
        # every step makes new leaves, nothing to zero
        w = (w - lr * w.grad).detach().requires_grad_()
        b = (b - lr * b.grad).detach().requires_grad_(True)
    return w, b

w, b = descend(lambda t: (datax, datay), 300, 0.05)
print("batch", cost(testx, testy, w, b).item())
w, b = descend(lambda t: (datax[t % N:t % N + 1], datay[t % N:t % N + 1]), 1000, 0.005)
print("stochastic", cost(testx, testy, w, b).item())
def some(t):
    j = torch.randint(0, N, (16,))
    return datax[j], datay[j]
w, b = descend(some, 500, 0.02)
print("mini-batch", cost(testx, testy, w, b).item())

from torch.nn import Linear, Tanh, MSELoss, Sequential, Module

class Deux(Module):
    """rend directement le cout"""
    def __init__(self, h):
        super().__init__()
        self.lin1, self.act, self.lin2, self.mse = Linear(10, h), Tanh(), Linear(h, 1), MSELoss()
    def forward(self, x, y):
        return self.mse(self.lin2(self.act(self.lin1(x))), y)

m = Deux(20)
o = torch.optim.RMSprop(m.parameters(), lr=1e-3)
for e in range(200):
    o.zero_grad(); l = m(datax, datay); l.backward(); o.step()
s = Sequential(Linear(10, 20), Tanh(), Linear(20, 1))
o = torch.optim.Adagrad(s.parameters(), lr=1e-2)
for e in range(200):
    o.zero_grad(); l = MSELoss()(s(datax), datay); l.backward(); o.step()
