"""Gradient descent with autograd as named steps, and a right script made of them.

N examples: x of shape (N, 10), y of shape (N, 1). prediction = x w + b, L = mean (prediction - y)^2.
"""

import torch
from torch import nn

UPDATES, RATE, HIDDEN = 60, 0.05, 8


def prediction(x, w, b):
    """X w + b: shape (N, 1)."""
    return x @ w + b


def loss(predicted, y):
    """L = mean over the examples of (predicted - y)^2."""
    return ((predicted - y) ** 2).mean()


def step(parameters, rate):
    """P <- p - rate dL/dp, not seen by autograd."""
    with torch.no_grad():
        for p in parameters:
            p -= rate * p.grad


def reset(parameters):
    """dL/dp <- 0: the next backward adds to it."""
    for p in parameters:
        p.grad = None


def batches(x, y, size):
    """UPDATES times some `size` rows, drawn anew, the same of x and y."""
    for _ in range(UPDATES):
        rows = torch.randperm(len(x))[:size]
        yield x[rows], y[rows]


def linear_regression(x, y, size):
    """Descent with `size` rows an update; returns w and b."""
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for batch, targets in batches(x, y, size):
        loss(prediction(batch, w, b), targets).backward()
        step([w, b], RATE if size > 1 else RATE / 10)
        reset([w, b])
    return w, b


class TwoLayers(nn.Module):
    """Linear, tanh, linear."""

    def __init__(self):
        super().__init__()
        self.first, self.tanh, self.second = nn.Linear(10, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1)

    def forward(self, x):
        """The prediction."""
        return self.second(self.tanh(self.first(x)))


def train(model, x, y):
    """Batch descent by an optimiser."""
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    for _ in range(UPDATES):
        optimiser.zero_grad()
        nn.MSELoss()(model(x), y).backward()
        optimiser.step()


def script(given):
    """What a right script does with `datax` and `datay`."""
    x, y = given["datax"], given["datay"]
    for size in (len(x), 1, 32):
        linear_regression(x, y, size)
    train(TwoLayers(), x, y)
    train(nn.Sequential(nn.Linear(10, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1)), x, y)
