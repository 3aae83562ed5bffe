import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()
# Débutant : la prédiction est écrite avec une boucle sur les 10 variables
def f(x, w, b):
    yhat = b
    for j in range(10):
        yhat = yhat + w[j] * x[:, j:j+1]
    return yhat
def train(size, lr, steps):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for s in range(steps):
        i = torch.randperm(353)[:size]
        cout = torch.mean((f(datax[i], w, b) - datay[i])**2)
        cout.backward()
        w.data -= lr * w.grad
        b.data -= lr * b.grad
        w.grad.data.zero_()
        b.grad.data.zero_()
train(353, .1, 50); train(1, .003, 100); train(32, .03, 50)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(10, 8), nn.Linear(8, 1)
    def forward(self, x): return self.l2(torch.tanh(self.l1(x)))
for net in (Net(), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    opt = torch.optim.SGD(net.parameters(), lr=.05); crit = nn.MSELoss()
    for it in range(80):
        opt.zero_grad(); crit(net(datax), datay).backward(); opt.step()
