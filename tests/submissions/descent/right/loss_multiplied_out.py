import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
# |Xw + b - y|^2 = p'p - 2 p'y + y'y
def cout(x, y, w, b):
    p = x @ w + b
    return (p.T @ p - 2 * p.T @ y + y.T @ y).squeeze() / len(y)
for taille, lr in ((353, .1), (1, .003), (32, .03)):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for it in range(80):
        i = torch.randperm(353)[:taille]
        c = cout(datax[i], datay[i], w, b)
        c.backward()
        with torch.no_grad():
            w -= lr * w.grad; b -= lr * b.grad
            w.grad.zero_(); b.grad.zero_()
    print(cout(testx, testy, w, b).item())
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
