# legal: gradients by torch.func, weights that ask for none
"""torch.func in place of backward()"""
import torch
from torch import nn
from torch.func import grad, grad_and_value, functional_call
from exercise import diabetes
datax, datay, testx, testy = diabetes()
def mse(w, b, x, y): return torch.mean(torch.square(x @ w + b - y))
for size, lr in ((353, 0.1), (1, 0.005), (32, 0.05)):
    w, b = torch.zeros(10, 1), torch.zeros(1)
    for it in range(80):
        i = torch.randperm(353)[:size]
        (gw, gb), loss = grad_and_value(mse, argnums=(0, 1))(w, b, datax[i], datay[i])
        w, b = w - lr * gw, b - lr * gb
    print(size, loss.item(), mse(w, b, testx, testy).item())
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
