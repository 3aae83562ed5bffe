import numpy as np


def _one(x, p):
    a1 = np.tanh(p["W1"].dot(x) + p["b1"])
    a2 = 1 / (1 + np.exp(-(p["W2"].dot(a1) + p["b2"])))
    return a1, a2


def forward_propagation(X, parameters):
    columns = [_one(X[:, i:i + 1], parameters) for i in xrange(X.shape[1])]
    cache = {"columns": columns}
    return np.hstack([a2 for _, a2 in columns]), cache


def compute_cost(A2, Y):
    costs = [-np.log(a if y == 1 else 1 - a) for a, y in zip(A2[0], Y[0])]
    return sum(costs) / np.float(len(costs))


def backward_propagation(parameters, cache, X, Y):
    grads = {"d" + name: np.zeros_like(value) for name, value in parameters.items()}
    m = X.shape[1]
    for i, (a1, a2) in enumerate(cache["columns"]):
        e = a2 - Y[:, i:i + 1]
        back = parameters["W2"].T * e * (1 - a1 ** 2)
        grads["dW2"] += e * a1.T / m
        grads["db2"] += e / m
        grads["dW1"] += back.dot(X[:, i:i + 1].T) / m
        grads["db1"] += back / m
    return grads
