import torch
from torch import nn, optim
import matplotlib.pyplot as plt

# the optimiser of the statement: a step every 100 examples ("mini-batch of 100")
torch.manual_seed(0)
mse = nn.MSELoss()

def fit(every, epochs, lr):
    w = nn.Parameter(torch.randn(10, 1) / 10)
    b = nn.Parameter(torch.zeros(1))
    opt = optim.SGD([w, b], lr=lr / every)
    opt.zero_grad()
    n = 0
    for _ in range(epochs):
        for x, y in zip(datax, datay):
            loss = mse(x @ w + b, y)
            loss.backward()
            n += 1
            if n % every == 0:
                opt.step()
                opt.zero_grad()
    return w.detach(), b.detach()

fit(1, 2, 0.005)
fit(100, 8, 0.1)

# batch
w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
history = []
for i in range(200):
    loss = mse(datax @ w + b, datay)
    history.append(loss.item())
    gw, gb = torch.autograd.grad(loss, (w, b))
    with torch.no_grad():
        w.sub_(0.05 * gw)
        b.sub_(0.05 * gb)
plt.plot(history)
plt.show()

class Reseau(nn.Module):
    def __init__(self):
        super(Reseau, self).__init__()
        self.couches = nn.ModuleList([nn.Linear(10, 12), nn.Linear(12, 1)])
    def forward(self, x):
        return self.couches[1](torch.tanh(self.couches[0](x)))

r = Reseau()
adam = optim.Adam(r.parameters())
for i in range(301):
    mse(r(datax), datay).backward()
    if i % 100 == 0:
        adam.step()
        adam.zero_grad()

class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 12)
        self.c = nn.Linear(12, 1)
    def forward(self, x):
        return self.c(self.a(x).tanh())
p = Plain()
adam = optim.Adam(p.parameters(), lr=0.01)
for i in range(100):
    adam.zero_grad()
    mse(p(datax), datay).backward()
    adam.step()
