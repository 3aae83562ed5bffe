import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

from exercise import diabetes

datax, datay, testx, testy = diabetes()
torch.manual_seed(3)
writer = SummaryWriter("runs/descent")


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def linear_regression(name, batch_size, lr, epochs):
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    loader = DataLoader(TensorDataset(datax, datay), batch_size=batch_size, shuffle=True)
    for epoch in range(epochs):
        for x, y in loader:
            loss = mse(x @ w + b, y)
            loss.backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
                w.grad.zero_()
                b.grad.zero_()
        with torch.no_grad():
            writer.add_scalar(f"{name}/train", mse(datax @ w + b, datay), epoch)
            writer.add_scalar(f"{name}/test", mse(testx @ w + b, testy), epoch)
    return w, b


w, b = linear_regression("batch", len(datax), 0.05, 200)
linear_regression("stochastic", 1, 0.002, 5)
linear_regression("mini-batch", 32, 0.02, 30)


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.linear1 = nn.Linear(10, hidden)
        self.tanh = nn.Tanh()
        self.linear2 = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.linear2(self.tanh(self.linear1(x)))


def train(name, model, lr=0.05, epochs=150):
    optim = torch.optim.SGD(model.parameters(), lr=lr)
    mse = nn.MSELoss()
    for epoch in range(epochs):
        optim.zero_grad()
        loss = mse(model(datax), datay)
        loss.backward()
        optim.step()
        with torch.no_grad():
            writer.add_scalar(f"{name}/train", loss, epoch)
            writer.add_scalar(f"{name}/test", mse(model(testx), testy), epoch)


model = Net(16)
train("module", model)
model = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))
train("sequential", model)
print(model)
