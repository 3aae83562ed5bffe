import numpy as np


def svm_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    for i in range(X.shape[0]):
        margins = np.maximum(0, X[i] @ W - X[i] @ W[:, y[i]] + 1)
        margins[y[i]] = 0
        loss += margins.sum()
        counts = (margins > 0).astype(int)
        counts[y[i]] = -counts.sum()
        dW += X[i][:, None] * counts
    return loss / len(X) + reg * (W * W).sum(), dW / len(X) + 2 * reg * W


def svm_loss_vectorized(W, X, y, reg):
    N = len(X)
    scores = np.matmul(X, W)
    margins = (scores - np.choose(y, scores.T)[:, None] + 1).clip(min=0)
    margins[np.arange(N), y] = 0
    counts = np.heaviside(margins, 0)
    np.subtract.at(counts, (np.arange(N), y), counts.sum(1))
    return margins.sum() / N + reg * (W * W).sum(), X.T @ counts / N + 2 * reg * W
