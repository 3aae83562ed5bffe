import torch
from torch import nn
from exercise import diabetes
from tqdm import trange
X, Y, Xt, Yt = diabetes()

@torch.no_grad()
def step(params, lr):
    for p in params:
        p.add_(p.grad, alpha=-lr)
        p.grad.zero_()

@torch.no_grad()
def test(w, b):
    return (Xt @ w + b - Yt).pow(2).mean().item()

for bs in (353, 1, 16):
    w, b = torch.zeros(10, 1).requires_grad_(), torch.zeros(1).requires_grad_()
    for t in trange(100):
        i = torch.randint(353, (bs,)) if bs < 353 else slice(None)
        (X[i] @ w + b - Y[i]).pow(2).mean().backward()
        step([w, b], 0.01)
    print(test(w, b))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 20)
        self.c = nn.Linear(20, 1)
    def forward(self, x):
        return self.c(torch.tanh(self.a(x)))

net = Net()
opt = torch.optim.Adam(net.parameters())
for t in trange(100):
    opt.zero_grad()
    nn.functional.mse_loss(net(X), Y).backward()
    opt.step()

# the same, in a container
layers = nn.ModuleList([nn.Linear(10, 20), nn.Tanh(), nn.Linear(20, 1)])
opt = torch.optim.Adam(layers.parameters())
crit = nn.MSELoss()
for t in trange(100):
    h = X
    for layer in layers:
        h = layer(h)
    opt.zero_grad()
    crit(h, Y).backward()
    opt.step()
