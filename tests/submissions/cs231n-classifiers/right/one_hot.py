import numpy as np


def _hot(y, C):
    t = np.zeros((y.size, C), dtype=np.bool_)
    t[np.arange(y.size), y] = True
    return t


def svm_loss_naive(W, X, y, reg):
    loss, dW = 0, np.zeros_like(W)
    for x, label in zip(X, y):
        s = W.T @ x
        hinge = s - s[label] + 1 > 0
        hinge[label] = False
        loss += (s[hinge] - s[label] + 1).sum()
        col = hinge.astype(float)
        col[label] = -hinge.sum()
        dW += np.outer(x, col)
    n = len(X)
    return loss / n + reg * (W ** 2).sum(), dW / n + 2 * reg * W


def svm_loss_vectorized(W, X, y, reg):
    S = X @ W
    T = _hot(y, W.shape[1])
    M = np.where(T, 0, np.maximum(S - S[T][:, None] + 1, 0))
    A = (M > 0) * 1.0
    A = A - T * A.sum(1, keepdims=True)
    return M.sum(1).mean() + reg * np.square(W).sum(), np.einsum("nd,nc->dc", X, A) / len(X) + reg * (W + W)


def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0, np.zeros_like(W)
    for x, label in zip(X, y):
        s = x @ W
        e = np.exp(s - s.max())
        loss += np.log(e.sum()) - (s[label] - s.max())
        g = e / e.sum()
        g[label] -= 1
        dW += x[:, None] * g[None, :]
    n = len(X)
    return loss / n + reg * (W ** 2).sum(), dW / n + 2 * reg * W


def softmax_loss_vectorized(W, X, y, reg):
    S = X @ W
    m = S.max(1, keepdims=True)
    lse = m + np.log(np.exp(S - m).sum(1, keepdims=True))
    T = _hot(y, W.shape[1])
    G = (np.exp(S - lse) - T) / len(X)
    return np.mean(lse.ravel() - S[T]) + reg * np.square(W).sum(), X.T @ G + 2 * reg * W
