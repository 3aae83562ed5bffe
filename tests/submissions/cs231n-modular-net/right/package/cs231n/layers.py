import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    out = np.dot(x.reshape(N, -1), w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    return np.dot(dout, w.T).reshape(*x.shape), np.dot(x.reshape(N, -1).T, dout), np.dot(np.ones(N), dout)


def relu_forward(x):
    return np.where(x > 0, x, 0), x


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache < 0] = 0
    return dx


def svm_loss(x, y):
    n = np.arange(x.shape[0])
    margins = np.clip(x - x[n, y].reshape(-1, 1) + 1, 0, None)
    margins[n, y] = 0
    grad = np.sign(margins)
    grad[n, y] = -np.sum(grad, axis=1)
    return np.mean(np.sum(margins, axis=1)), grad / x.shape[0]


def softmax_loss(x, y):
    n = np.arange(x.shape[0])
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[n, y]))
    probs[n, y] -= 1
    return loss, probs / x.shape[0]
