"""Linear regression: one pair of parameters, re-initialised before each variant."""
import torch
from torch import nn
from exercise import diabetes

datax, datay, testx, testy = diabetes()
N = datax.size(0)
history = {}

for name, bs, lr in (("batch", N, 0.1), ("sgd", 1, 0.002), ("mini", 25, 0.03)):
    w, b = (torch.randn(10, 1) * 0.1).requires_grad_(), torch.zeros(1).requires_grad_()
    history[name] = []
    for epoch in range(3 if name != "batch" else 50):
        order = torch.randperm(N)
        for chunk in order.split(bs):
            loss = nn.functional.mse_loss(datax[chunk] @ w + b, datay[chunk])
            loss.backward()
            with torch.no_grad():
                for p in (w, b):
                    best = p.clone()
                    p.copy_(best - lr * p.grad)
                    p.grad = None
        with torch.no_grad():
            history[name].append(nn.functional.mse_loss(testx @ w + b, testy).item())
print({k: v[-1] for k, v in history.items()})

lin1, tanh, lin2 = nn.Linear(10, 12), nn.Tanh(), nn.Linear(12, 1)
crit = nn.MSELoss()
opt = torch.optim.Adam([*lin1.parameters(), *lin2.parameters()], lr=1e-2)
for epoch in range(60):
    opt.zero_grad()
    loss = crit(lin2(tanh(lin1(datax))), datay)
    loss.backward()
    opt.step()
seq = nn.Sequential(nn.Linear(10, 12), nn.Tanh(), nn.Linear(12, 1))
opt = torch.optim.Adam(seq.parameters(), lr=1e-2)
for epoch in range(60):
    opt.zero_grad()
    loss = crit(seq(datax), datay)
    loss.backward()
    opt.step()
