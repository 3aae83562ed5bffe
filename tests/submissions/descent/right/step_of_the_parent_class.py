import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
from torch.utils.data import TensorDataset, DataLoader
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
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x):
        return self.l2(torch.tanh(self.l1(x)))
class SGDW(torch.optim.SGD):
    """SGD with decoupled weight decay."""
    def __init__(self, params, lr, decay=1e-3, **kw):
        super().__init__(params, lr=lr, **kw)
        self.decay = decay
    @torch.no_grad()
    def step(self, closure=None):
        loss = super().step(closure)
        for group in self.param_groups:
            for p in group["params"]:
                p.mul_(1 - group["lr"] * self.decay)
        return loss
loader = DataLoader(TensorDataset(datax, datay), batch_size=64, shuffle=True)
net, seq = Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
for model, opt in ((net, torch.optim.SGD(net.parameters(), lr=.05)), (seq, SGDW(seq.parameters(), lr=.05)), (Net(), None)):
    opt = opt or SGDW(model.parameters(), lr=.05, momentum=.9)
    for epoch in range(15):
        for x, y in loader:
            opt.zero_grad()
            nn.MSELoss()(model(x), y).backward()
            opt.step()
