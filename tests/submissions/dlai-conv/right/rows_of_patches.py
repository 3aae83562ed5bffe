import numpy as np


def _patches(A, f, stride):
    m, H, W, C = A.shape
    rows = (H - f) / stride + 1
    columns = (W - f) / stride + 1
    rows, columns = int(rows), int(columns)
    index = np.arange(H * W * C).reshape(H, W, C)
    where = np.array([index[h * stride:h * stride + f, w * stride:w * stride + f].ravel()
                      for h in xrange(rows) for w in xrange(columns)], dtype=np.int)
    return A.reshape(m, -1)[:, where], where, rows, columns


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    f = W.shape[0]
    A = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant')
    patches, where, rows, columns = _patches(A, f, stride)
    Z = patches.dot(W.reshape(-1, W.shape[3])) + b[0, 0, 0]
    cache = [patches, where, A.shape, W, pad]
    return Z.reshape(len(A), rows, columns, -1), cache


def conv_backward(dZ, cache):
    patches, where, shape, W, pad = cache
    m, K = dZ.shape[0], dZ.shape[3]
    flat = dZ.reshape(m, -1, K)
    db = np.sum(flat, axis=(0, 1)).reshape(1, 1, 1, K)
    dW = np.tensordot(patches, flat, axes=([0, 1], [0, 1])).reshape(W.shape)
    dpatches = flat.dot(W.reshape(-1, K).T)
    dA = np.zeros((m, int(np.product(shape[1:]))))
    for i in xrange(m):
        np.add.at(dA[i], where, dpatches[i])
    dA = dA.reshape(shape)
    return dA[:, pad:shape[1] - pad, pad:shape[2] - pad], dW, db


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters['f'], hparameters['stride']
    m, H, W, C = A_prev.shape
    channels = A_prev.transpose(0, 3, 1, 2).reshape(m * C, H, W, 1)
    patches, where, rows, columns = _patches(channels, f, stride)
    A = patches.max(axis=2) if mode == "max" else patches.mean(axis=2)
    A = A.reshape(m, C, rows, columns).transpose(0, 2, 3, 1)
    return A, (patches, where, A_prev.shape)


def pool_backward(dA, cache, mode="max"):
    patches, where, (m, H, W, C) = cache
    flat = dA.transpose(0, 3, 1, 2).reshape(m * C, -1)
    dchannels = np.zeros((m * C, H * W))
    for i in xrange(m * C):
        for j in xrange(flat.shape[1]):
            if mode == "max":
                dchannels[i, where[j, patches[i, j].argmax()]] += flat[i, j]
            else:
                dchannels[i, where[j]] += flat[i, j] / np.float(where.shape[1])
    return dchannels.reshape(m, C, H, W).transpose(0, 2, 3, 1)
