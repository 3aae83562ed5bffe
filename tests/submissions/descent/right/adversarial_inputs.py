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
    def __init__(self, h=8):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, h), nn.Tanh(), nn.Linear(h, 1))
    def forward(self, x): return self.layers(x)
mse = nn.MSELoss()
def train(net, n=80):
    opt = torch.optim.Adam(net.parameters(), lr=.01)
    for it in range(n):
        opt.zero_grad(); l = mse(net(datax), datay); l.backward(); opt.step()
    return net
class Plain(nn.Module):
    def __init__(self, h=8):
        super().__init__()
        self.l1, self.t, self.l2 = nn.Linear(10, h), nn.Tanh(), nn.Linear(h, 1)
    def forward(self, x): return self.l2(self.t(self.l1(x)))
a = train(Plain()); b = train(nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))
# how far can an adversary raise the test loss? (inputs are moved, the network is not)
for net in (a, b):
    x = testx.clone().requires_grad_()
    for k in range(10):
        l = mse(net(x), testy)
        g, = torch.autograd.grad(l, x)
        with torch.no_grad():
            x += .01 * g.sign()
    print(mse(net(testx), testy).item(), l.item())
