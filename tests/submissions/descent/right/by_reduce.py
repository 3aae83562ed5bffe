"""Functional style: a step maps parameters to new parameters, and a training is a fold."""
from functools import partial, reduce
from itertools import accumulate
import torch
from torch import nn
from exercise import diabetes

X, Y, XT, YT = diabetes()

def mse(params, x, y):
    w, b = params
    return (x @ w + b - y).square().mean()

def step(lr, params, rows):
    grads = torch.autograd.grad(mse(params, X[rows], Y[rows]), params)
    return tuple((p - lr * g).detach().requires_grad_() for p, g in zip(params, grads))

def start():
    return torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)

everything = [torch.arange(353)] * 100
batch = reduce(partial(step, 0.1), everything, start())
stochastic = reduce(partial(step, 0.002), torch.randperm(353).split(1), start())
mini = list(accumulate((i for _ in range(8) for i in torch.randperm(353).split(32)), partial(step, 0.02), initial=start()))[-1]
with torch.no_grad():
    print([mse(p, XT, YT).item() for p in (batch, stochastic, mini)])

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f, self.g = nn.Linear(10, 9), nn.Linear(9, 1)
    def forward(self, x):
        return self.g(self.f(x).tanh())

def fit(net, epochs=100):
    opt = torch.optim.NAdam(net.parameters(), lr=5e-3)
    for _ in range(epochs):
        opt.zero_grad(set_to_none=True)
        nn.MSELoss()(net(X), Y).backward()
        opt.step()
    return net
fit(Net()); fit(nn.Sequential(nn.Linear(10, 9), nn.Tanh(), nn.Linear(9, 1)))
