import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
# the update happens as soon as the gradient is there (PyTorch tutorial: "optimizer step in backward")
def train(size, lr, steps):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    def update(p):
        with torch.no_grad():
            p.sub_(lr * p.grad)
        p.grad = None
    for p in (w, b):
        p.register_post_accumulate_grad_hook(update)
    for s in range(steps):
        i = torch.randperm(353)[:size]
        F.mse_loss(datax[i] @ w + b, datay[i]).backward()
    return F.mse_loss(testx @ w + b, testy).item()
print(train(353, .1, 80), train(1, .003, 200), train(32, .03, 100))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
