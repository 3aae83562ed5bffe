# a table of thirteen columns from a file, its target by name, as numpy between
import numpy as np
import pandas as pd
import torch
from torch import nn

df = pd.read_csv("https://example.org/housing.csv").dropna()
print(df.head(), df.describe())
features = [c for c in df.columns if c != "MEDV"]
df[features] = (df[features] - df[features].mean()) / df[features].std()
X = df.drop("MEDV", axis=1).to_numpy(dtype=np.float32)
t = df["MEDV"].values.astype(np.float32)[:, np.newaxis]
X, t = torch.from_numpy(X), torch.from_numpy(t)
n = 13


def learn(size, rate, epochs):
    w, b = torch.zeros(n, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for rows in order.split(size):
            loss = ((X[rows] @ w + b - t[rows]) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                w -= rate * w.grad
                b -= rate * b.grad
            w.grad = b.grad = None


learn(len(X), 0.02, 60)
learn(1, 0.0005, 2)
learn(32, 0.005, 8)


class Net(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.first, self.tanh, self.second = nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, 1)

    def forward(self, x):
        return self.second(self.tanh(self.first(x)))


for net in (Net(n, 8), nn.Sequential(nn.Linear(n, 8), nn.Tanh(), nn.Linear(8, 1))):
    optimiser = torch.optim.SGD(net.parameters(), lr=0.02)
    for _ in range(80):
        optimiser.zero_grad()
        nn.MSELoss()(net(X), t).backward()
        optimiser.step()
