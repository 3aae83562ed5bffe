# expects: q2-network q2-sequential q2-loss q2-parameters q2-optimiser q2-test-untouched
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

