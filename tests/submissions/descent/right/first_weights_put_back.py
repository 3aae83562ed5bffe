# legal: puts the first weights back for each rate
import torch
from torch import nn
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
    def __init__(self):
        super().__init__()
        self.l1, self.th, self.l2 = nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)
    def forward(self, x): return self.l2(self.th(self.l1(x)))

def train(net, lr, steps=60):
    opt = torch.optim.SGD(net.parameters(), lr=lr); crit = nn.MSELoss()
    for it in range(steps):
        opt.zero_grad(); loss = crit(net(datax), datay); loss.backward(); opt.step()
    return loss.item()
for make in (Net, lambda: nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
    net = make()
    start = {k: v.clone() for k, v in net.state_dict().items()}
    for lr in (.01, .03, .1):
        net.load_state_dict(start)
        print(lr, train(net, lr))
