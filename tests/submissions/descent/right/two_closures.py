import torch
from torch import nn
import torch.nn.functional as F
from exercise import diabetes
datax, datay, testx, testy = diabetes()

class LinReg:
    def __init__(self):
        self.w = torch.zeros(10, 1, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)
    def __call__(self, x):
        return x @ self.w + self.b
    def step(self, lr):
        with torch.no_grad():
            for p in (self.w, self.b):
                p -= lr * p.grad
    def zero(self):
        for p in (self.w, self.b):
            if p.grad is not None:
                p.grad.zero_()

def run(size, lr, epochs):
    m = LinReg()
    for _ in range(epochs):
        for i in torch.randperm(353).split(size):
            m.zero()
            F.mse_loss(m(datax[i]), datay[i]).backward()
            m.step(lr)
    return m
run(353, .1, 60); run(1, .002, 1); run(32, .02, 8)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 6)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(6, 1)
    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))

net1, net2 = Net(), nn.Sequential(nn.Linear(10, 6), nn.Tanh(), nn.Linear(6, 1))
crit = nn.MSELoss()
def closure_for(net, opt):
    def closure():
        opt.zero_grad()
        loss = crit(net(datax), datay)
        loss.backward()
        return loss
    return closure
opt1 = torch.optim.LBFGS(net1.parameters(), lr=.5, max_iter=4)
opt2 = torch.optim.LBFGS(net2.parameters(), lr=.5, max_iter=4)
c1, c2 = closure_for(net1, opt1), closure_for(net2, opt2)
for epoch in range(15):
    l1 = opt1.step(c1)
    l2 = opt2.step(c2)
    print(epoch, l1.item(), l2.item())
