import numpy as np

SLOPES = {
    "relu": lambda z: (z > 0).astype(z.dtype),
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
}
VALUES = {
    "relu": lambda z: z * (z > 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


def linear_forward(A, W, b):
    return np.einsum("kd,dm->km", W, A) + b, {"A": A, "W": W, "b": b}


def linear_activation_forward(A_prev, W, b, activation):
    Z, cache = linear_forward(A_prev, W, b)
    cache["Z"], cache["activation"] = Z, activation
    return VALUES[activation](Z), cache


def L_model_forward(X, parameters):
    depth = max(int(name[1:]) for name in parameters if name.startswith("W"))
    A, caches = X, []
    for l in range(1, depth + 1):
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "sigmoid" if l == depth else "relu")
        caches.append(cache)
    return A, caches


def compute_cost(AL, Y):
    right = np.where(Y > 0.5, AL, 1 - AL)
    return float(-np.log(right).mean())


def linear_backward(dZ, cache):
    m = dZ.shape[1]
    dW = np.einsum("km,dm->kd", dZ, cache["A"]) / m
    db = dZ.mean(axis=1).reshape(cache["b"].shape)
    return np.einsum("kd,km->dm", cache["W"], dZ), dW, db


def linear_activation_backward(dA, cache, activation):
    return linear_backward(dA * SLOPES[activation](cache["Z"]), cache)


def L_model_backward(AL, Y, caches):
    grads = {}
    dA = (AL - Y) / (AL * (1 - AL))
    for l, cache in reversed(list(enumerate(caches, start=1))):
        dA, grads[f"dW{l}"], grads[f"db{l}"] = linear_activation_backward(dA, cache, cache["activation"])
        grads[f"dA{l - 1}"] = dA
    return grads
