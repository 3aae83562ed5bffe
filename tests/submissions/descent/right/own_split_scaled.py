import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.tensorboard import SummaryWriter
import torch.nn as nn

Xa, Xv, ya, yv = train_test_split(datax, datay, test_size=0.2, random_state=0)
scaler = StandardScaler()
Xa = torch.from_numpy(scaler.fit_transform(Xa)).float()
Xv = torch.from_numpy(scaler.transform(Xv)).float()

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
Xa, ya = Xa.to(device), ya.float().to(device)

class LinearRegression:
    def __init__(self, d):
        self.w = torch.randn(d, 1, device=device, requires_grad=True)
        self.b = torch.zeros(1, device=device, requires_grad=True)
    def __call__(self, x):
        return x @ self.w + self.b
    def loss(self, x, y):
        return ((self(x) - y) ** 2).sum() / x.shape[0]
    def step(self, lr):
        with torch.no_grad():
            self.w -= lr * self.w.grad
            self.b -= lr * self.b.grad
    def zero(self):
        for p in (self.w, self.b):
            if p.grad is not None:
                p.grad.zero_()

writer = SummaryWriter(comment="linreg")
def learn(size, lr, epochs):
    reg = LinearRegression(Xa.shape[1])
    for epoch in range(epochs):
        order = torch.randperm(len(Xa))
        total = 0.
        for i in range(0, len(Xa), size):
            reg.zero()
            j = order[i:i + size]
            l = reg.loss(Xa[j], ya[j])
            l.backward()
            reg.step(lr)
            total += l.item() * len(j)
        writer.add_scalar("cost/train", total / len(Xa), epoch)
        with torch.no_grad():
            writer.add_scalar("cost/val", reg.loss(Xv, yv.float()), epoch)
    return reg.w, reg.b
w, b = learn(len(Xa), .1, 100)
learn(1, .001, 3)
learn(16, .01, 10)

def reseau(h):
    return nn.Linear(10, h), nn.Tanh(), nn.Linear(h, 1)
l1, tanh, l2 = reseau(8)
params = [*l1.parameters(), *l2.parameters()]
opt = torch.optim.SGD(params, lr=.1)
for e in range(200):
    h = l1(Xa); h = tanh(h); out = l2(h)
    loss = nn.MSELoss()(out, ya)
    opt.zero_grad(); loss.backward(); opt.step()
model = nn.Sequential(*reseau(8))
opt = torch.optim.SGD(model.parameters(), lr=.1)
for e in range(200):
    loss = nn.MSELoss()(model(Xa), ya)
    opt.zero_grad(); loss.backward(); opt.step()
