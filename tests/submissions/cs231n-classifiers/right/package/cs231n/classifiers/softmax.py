import numpy as np


def _softmax(scores):
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return scores / scores.sum(axis=-1, keepdims=True)


def softmax_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    for i in range(X.shape[0]):
        p = _softmax(X[i] @ W)
        loss += -np.log(p[y[i]])
        p[y[i]] -= 1
        dW += np.outer(X[i], p)
    return loss / len(X) + reg * (W * W).sum(), dW / len(X) + 2 * reg * W


def softmax_loss_vectorized(W, X, y, reg):
    p = _softmax(X @ W)
    rows = np.arange(len(X))
    loss = -np.log(p[rows, y]).mean() + reg * (W * W).sum()
    p[rows, y] -= 1
    return loss, X.T @ p / len(X) + 2 * reg * W
