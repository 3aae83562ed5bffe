import torch
from torch.autograd import Function, Variable, gradcheck

# TME 1
class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.save_for_backward(yhat, y)
        return ((yhat - y) ** 2).mean()
    @staticmethod
    def backward(ctx, grad_output):
        yhat, y = ctx.saved_tensors
        g = 2 * (yhat - y) / yhat.numel() * grad_output
        return g, -g

class Linear(Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W, b)
        return X @ W + b
    @staticmethod
    def backward(ctx, g):
        X, W, b = ctx.saved_tensors
        return g @ W.t(), X.t() @ g, g.sum(0)

mse, linear = MSE.apply, Linear.apply
train_x, train_y = Variable(datax), Variable(datay)

# normaliser
mean, std = train_x.mean(0), train_x.std(0)
train_x = (train_x - mean) / std
test_x = (testx - mean) / std

for taille, pas in ((len(train_x), 5e-2), (1, 2e-3), (10, 1e-2)):
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for epoque in range(60):
        melange = torch.randperm(len(train_x))
        X, Y = train_x[melange], train_y[melange]
        for xb, yb in zip(X.split(taille), Y.split(taille)):
            loss = mse(linear(xb, w, b), yb)
            loss.backward()
            with torch.no_grad():
                w -= pas * w.grad
                b -= pas * b.grad
            w.grad.zero_()
            b.grad.zero_()
    print(taille, float(mse(linear(test_x, w, b), testy)))

import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(nn.Linear(10, 15), nn.Tanh(), nn.Linear(15, 1))
    def forward(self, x):
        return self.model(x)

class Net2(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(10, 15) * .3)
        self.b1 = nn.Parameter(torch.zeros(15))
        self.w2 = nn.Parameter(torch.randn(15, 1) * .3)
        self.b2 = nn.Parameter(torch.zeros(1))
    def forward(self, x):
        return torch.tanh(x @ self.w1 + self.b1) @ self.w2 + self.b2

for model in [Net2(), Net()]:
    optim = torch.optim.Adam(params=model.parameters(), lr=1e-2)
    cout = nn.MSELoss()
    for i in range(150):
        for p in model.parameters(): p.grad = None
        l = cout(model(train_x), train_y)
        l.backward()
        optim.step()
