import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z)), Z


def relu(Z):
    return np.maximum(0, Z), Z


def relu_backward(dA, cache):
    dZ = np.array(dA, copy=True)
    dZ[cache <= 0] = 0
    return dZ


def sigmoid_backward(dA, cache):
    s = 1 / (1 + np.exp(-cache))
    return dA * s * (1 - s)


FORTH = {"sigmoid": sigmoid, "relu": relu}
BACK = {"sigmoid": sigmoid_backward, "relu": relu_backward}


def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    return Z, dict(A=A, W=W, b=b)


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = FORTH[activation](Z)
    return A, [linear_cache, activation_cache]


def L_model_forward(X, parameters):
    L, A, caches = len(parameters) // 2, X, []
    for l, kind in enumerate(["relu"] * (L - 1) + ["sigmoid"], start=1):
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], activation=kind)
        caches.append(cache)
    return A, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    return np.squeeze(-(np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T)) / m)


def linear_backward(dZ, cache):
    m = cache["A"].shape[1]
    dA_prev = np.einsum("ij,ik->jk", cache["W"], dZ)
    dW = np.zeros_like(cache["W"])
    for j in range(m):
        dW += np.outer(dZ[:, j], cache["A"][:, j]) / m
    return dA_prev, dW, dZ.mean(axis=1).reshape(-1, 1)


def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    return linear_backward(BACK[activation](dA, activation_cache), linear_cache)


def L_model_backward(AL, Y, caches):
    grads, L = {}, len(caches)
    Y = Y.reshape(AL.shape)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l, kind in zip(range(L, 0, -1), ["sigmoid"] + ["relu"] * L):
        dA, grads["dW" + str(l)], grads["db" + str(l)] = linear_activation_backward(dA, caches[l - 1], kind)
        grads["dA" + str(l - 1)] = dA
    return grads
