import torch
from torch import nn
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def predict(x, w, b):
    return (x * w).sum(dim=-1, keepdim=True) + b

def gd(get_batch, lr, steps):
    w = torch.zeros_like(datax[0], requires_grad=True)
    b = torch.zeros_like(datay[0], requires_grad=True)
    for s in range(steps):
        x, y = get_batch(s)
        loss = torch.mean((predict(x, w, b) - y) ** 2)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad, b.grad = None, None
    with torch.no_grad():
        return torch.mean((predict(testx, w, b) - testy) ** 2).item()
print(gd(lambda s: (datax, datay), .1, 80))
print(gd(lambda s: (datax[s % 353], datay[s % 353]), .003, 200))
def mb(s):
    k = torch.randperm(353)[:24]
    return datax[k], datay[k]
print(gd(mb, .02, 150))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
