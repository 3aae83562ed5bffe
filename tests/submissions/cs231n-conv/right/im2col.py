import numpy as np


def _indices(shape, hh, ww, stride):
    _, C, H, W = shape
    oh, ow = (H - hh) // stride + 1, (W - ww) // stride + 1
    i = np.tile(np.repeat(np.arange(hh), ww), C)[:, None] + stride * np.repeat(np.arange(oh), ow)[None]
    j = np.tile(np.arange(ww), hh * C)[:, None] + stride * np.tile(np.arange(ow), oh)[None]
    k = np.repeat(np.arange(C), hh * ww)[:, None]
    return (k, i, j), oh, ow


def conv_forward_naive(x, w, b, conv_param):
    p, s = conv_param["pad"], conv_param["stride"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    (k, i, j), oh, ow = _indices(xp.shape, w.shape[2], w.shape[3], s)
    cols = xp[:, k, i, j]
    out = w.reshape(len(w), -1) @ cols + b[:, None]
    return out.reshape(len(x), len(w), oh, ow), {"cols": cols, "where": (k, i, j), "padded": xp.shape, "p": p, "w": w, "x": x}


def conv_backward_naive(dout, cache):
    w, p, (k, i, j) = cache["w"], cache["p"], cache["where"]
    g = dout.reshape(dout.shape[0], dout.shape[1], -1)
    dw = np.einsum("nfo,nko->fk", g, cache["cols"]).reshape(w.shape)
    dcols = w.reshape(len(w), -1).T @ g
    dxp = np.zeros(cache["padded"])
    np.add.at(dxp, (slice(None), k, i, j), dcols)
    H, W = cache["x"].shape[2:]
    return dxp[:, :, p:p + H, p:p + W], dw, g.sum(axis=(0, 2))


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    s = pool_param["stride"]
    cols = x.reshape(N * C, 1, H, W)
    (k, i, j), oh, ow = _indices(cols.shape, pool_param["pool_height"], pool_param["pool_width"], s)
    windows = cols[:, k, i, j]
    best = windows.argmax(axis=1)
    out = np.take_along_axis(windows, best[:, None], 1).reshape(N, C, oh, ow)
    return out, (x.shape, (k, i, j), windows.shape, best)


def max_pool_backward_naive(dout, cache):
    shape, (k, i, j), size, best = cache
    N, C, H, W = shape
    dwindows = np.zeros(size)
    np.put_along_axis(dwindows, best[:, None], dout.reshape(N * C, 1, -1), 1)
    dx = np.zeros((N * C, 1, H, W))
    np.add.at(dx, (slice(None), k, i, j), dwindows)
    return dx.reshape(shape)


def _norm(x, axes, eps=1e-5):
    m, v = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - m) / np.sqrt(v + eps), 1 / np.sqrt(v + eps)


def _norm_back(g, xhat, inv, axes):
    return inv * (g - g.mean(axis=axes, keepdims=True) - xhat * (g * xhat).mean(axis=axes, keepdims=True))


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    xhat, inv = _norm(x, (0, 2, 3), bn_param.get("eps", 1e-5))
    return gamma.reshape(1, -1, 1, 1) * xhat + beta.reshape(1, -1, 1, 1), (xhat, inv, gamma)


def spatial_batchnorm_backward(dout, cache):
    xhat, inv, gamma = cache
    dx = _norm_back(dout * gamma.reshape(1, -1, 1, 1), xhat, inv, (0, 2, 3))
    return dx, np.einsum("nchw,nchw->c", dout, xhat), np.einsum("nchw->c", dout)


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    xhat, inv = _norm(x.reshape(N, G, C // G, H, W), (2, 3, 4), gn_param.get("eps", 1e-5))
    return gamma * xhat.reshape(x.shape) + beta, (xhat, inv, gamma)


def spatial_groupnorm_backward(dout, cache):
    xhat, inv, gamma = cache
    dx = _norm_back((dout * gamma).reshape(xhat.shape), xhat, inv, (2, 3, 4)).reshape(dout.shape)
    flat = xhat.reshape(dout.shape)
    dgamma = np.einsum("nchw,nchw->c", dout, flat)
    return dx, dgamma[None, :, None, None], dout.sum((0, 2, 3))[None, :, None, None]
