import numpy as np
# example by example, for readers who distrust matrices


def linear_forward(A, W, b):
    m = A.shape[1]
    Z = np.zeros((W.shape[0], m), dtype=np.float)
    for i in xrange(m):
        Z[:, i] = W.dot(A[:, i]) + b.ravel()
    return Z, (A, W, b)


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "relu":
        A = np.where(Z > 0, Z, 0.)
    else:
        A = 1. / (1. + np.exp(-Z))
    return A, (linear_cache, A)


def L_model_forward(X, parameters):
    A = X
    L = len(parameters.keys()) / 2
    L = int(L)
    caches = {}
    for l in xrange(1, L + 1):
        W, b = parameters["W%d" % l], parameters["b%d" % l]
        A, caches[l] = linear_activation_forward(A, W, b, "relu" if l < L else "sigmoid")
    return A, caches


def compute_cost(AL, Y):
    cost = 0.
    for i in xrange(Y.shape[1]):
        cost -= Y[0, i] * np.log(AL[0, i]) + (1 - Y[0, i]) * np.log(1 - AL[0, i])
    return cost / Y.shape[1]


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in xrange(m):
        dW += np.outer(dZ[:, i], A_prev[:, i]) / m
        db += dZ[:, i:i + 1] / m
        dA_prev[:, i] = W.T.dot(dZ[:, i])
    return dA_prev, dW, db


def linear_activation_backward(dA, cache, activation):
    linear_cache, A = cache
    if activation == "relu":
        dZ = dA * (A > 0)
    else:
        dZ = dA * A * (1 - A)
    return linear_backward(dZ, linear_cache)


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    linear_cache, _ = caches[L]
    dA, grads["dW%d" % L], grads["db%d" % L] = linear_backward(AL - Y, linear_cache)
    for l in xrange(L - 1, 0, -1):
        dA, dW, db = linear_activation_backward(dA, caches[l], "relu")
        grads["dW%d" % l], grads["db%d" % l] = dW, db
    return grads
