import numpy as np
from builtins import range
# python 2 habits: xrange, np.float


def affine_forward(x, w, b):
    N = x.shape[0]
    D = np.prod(x.shape[1:])
    M = b.shape[0]
    out = np.zeros((N, M), dtype=np.float)
    for i in xrange(N):
        row = x[i].ravel()
        for j in xrange(M):
            s = b[j]
            for k in xrange(D):
                s += row[k] * w[k, j]
            out[i, j] = s
    return out, {'x': x, 'w': w, 'b': b, 'rows': N}


def affine_backward(dout, cache):
    x, w = cache['x'], cache['w']
    N, M = dout.shape
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(M)
    for i in xrange(N):
        for j in xrange(M):
            db[j] += dout[i, j]
            dw[:, j] += dout[i, j] * x[i].ravel()
            dx[i] += (dout[i, j] * w[:, j]).reshape(x[i].shape)
    return dx, dw, db


def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, (x, out)


def relu_backward(dout, cache):
    x, out = cache
    dx = np.array(dout, copy=True)
    dx[x <= 0] = 0
    return dx


def affine_relu_forward(x, w, b):
    scores, cache = affine_forward(x, w, b)
    cache['scores'] = scores
    return np.where(scores > 0, scores, 0.0), cache


def affine_relu_backward(dout, cache):
    return affine_backward(np.where(cache['scores'] > 0, dout, 0.0), cache)


def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for i in xrange(N):
        scores = x[i] - np.max(x[i])
        total = np.sum(np.exp(scores))
        loss += np.log(total) - scores[y[i]]
        for j in xrange(C):
            dx[i, j] = np.exp(scores[j]) / total - np.int(j == y[i])
    return loss / np.float(N), dx / N


def svm_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for i in xrange(N):
        for j in xrange(C):
            if j == y[i]:
                continue
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    return loss / N, dx / N
