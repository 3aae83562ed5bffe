import torch
from torch import nn

torch.manual_seed(1)


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def regression(size, lr, epochs):
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for epoch in range(epochs):
        order = torch.randperm(len(datax))
        for i in range(0, len(datax), size):
            x, y = datax[order[i:i + size]], datay[order[i:i + size]]
            loss = mse(x @ w + b, y)
            loss.backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
            w.grad.zero_()
            b.grad.zero_()
        with torch.no_grad():
            test = mse(testx @ w + b, testy)
    return w, b


w, b = regression(len(datax), 0.05, 100)
regression(1, 0.002, 2)
regression(32, 0.02, 10)


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.first = nn.Linear(10, hidden)
        self.tanh = nn.Tanh()
        self.second = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.second(self.tanh(self.first(x)))


def train(model, epochs=100):
    optim = torch.optim.SGD(model.parameters(), lr=0.05)
    criterion = nn.MSELoss()
    for epoch in range(epochs):
        loss = criterion(model(datax), datay)
        optim.zero_grad()
        loss.backward()
        optim.step()
        with torch.no_grad():
            test = criterion(model(testx), testy)


train(Net(8))
train(nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))
