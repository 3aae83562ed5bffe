import numpy as np


def _places(rows, columns, f, stride):
    for h in range(rows):
        for w in range(columns):
            yield h, w, np.s_[:, h * stride:h * stride + f, w * stride:w * stride + f]


def conv_forward(A_prev, W, b, hparameters):
    f, s, p = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    Z = np.empty((len(A_prev), (padded.shape[1] - f) // s + 1, (padded.shape[2] - f) // s + 1, W.shape[3]))
    for h, w, window in _places(Z.shape[1], Z.shape[2], f, s):
        Z[:, h, w] = np.tensordot(padded[window], W, axes=3) + b.reshape(-1)
    return Z, dict(padded=padded, W=W, f=f, s=s, p=p)


def conv_backward(dZ, cache):
    padded, W, p = cache["padded"], cache["W"], cache["p"]
    dpadded, dW = np.zeros_like(padded), np.zeros_like(W)
    for h, w, window in _places(dZ.shape[1], dZ.shape[2], cache["f"], cache["s"]):
        dpadded[window] += np.einsum("mk,abck->mabc", dZ[:, h, w], W)
        dW += np.einsum("mabc,mk->abck", padded[window], dZ[:, h, w])
    return dpadded[:, p:padded.shape[1] - p, p:padded.shape[2] - p], dW, dZ.sum(axis=(0, 1, 2))[None, None, None]


def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    rows, columns = (A_prev.shape[1] - f) // s + 1, (A_prev.shape[2] - f) // s + 1
    A = np.empty((len(A_prev), rows, columns, A_prev.shape[3]))
    reduce = {"max": np.max, "average": np.mean}[mode]
    for h, w, window in _places(rows, columns, f, s):
        A[:, h, w] = reduce(A_prev[window], axis=(1, 2))
    return A, (A_prev, A, f, s)


def pool_backward(dA, cache, mode="max"):
    A_prev, A, f, s = cache
    dA_prev = np.zeros_like(A_prev)
    for h, w, window in _places(dA.shape[1], dA.shape[2], f, s):
        up = dA[:, h, w][:, None, None]
        share = (A_prev[window] == A[:, h, w][:, None, None]) if mode == "max" else 1 / f ** 2
        dA_prev[window] += share * up
    return dA_prev
