# expects: q1-loss q1-gradient-reset q1-fresh q1-update q1-batch q1-stochastic q1-minibatch q1-test-untouched
import torch
from torch import nn

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
