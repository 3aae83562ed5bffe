# evidence: caches
# attempt: an automatic differentiation of its own: every array remembers what it was made of
import numpy as np


class Value:
    def __init__(self, data, made_of=()):
        self.data, self.made_of, self.grad = np.asarray(data), made_of, 0.0

    def __matmul__(self, other):
        return Value(self.data @ other.data, ((self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)))

    def __add__(self, other):
        return Value(self.data + other.data, ((self, lambda g: g), (other, lambda g: g.sum(0))))

    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, ((self, lambda g: g * (1 - t ** 2)),))

    def backward(self, g):
        self.grad = self.grad + g
        for part, local in self.made_of:
            part.backward(local(g))


def backpropagation(model, y_true, y_pred):
    layers = range(1, model.L + 1)
    w = {l: Value(model.fc[str(l)].weight.numpy().T) for l in layers}
    b = {l: Value(model.fc[str(l)].bias.numpy()) for l in layers}
    a = Value(model.a[0].numpy())
    for l in layers:
        a = (a @ w[l] + b[l]).tanh()
    a.backward(2 * (a.data - y_true.numpy()))
    for l in layers:
        model.dL_dw[l], model.dL_db[l] = w[l].grad.T, b[l].grad
