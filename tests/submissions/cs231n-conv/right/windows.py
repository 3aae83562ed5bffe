import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param['stride'], conv_param['pad']
    big = np.zeros((x.shape[0], x.shape[1], x.shape[2] + 2 * p, x.shape[3] + 2 * p), dtype=np.float)
    big[:, :, p:p + x.shape[2], p:p + x.shape[3]] = x
    views = sliding_window_view(big, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.tensordot(views, w, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2) + b[None, :, None, None]
    return out, (x.shape, views, w, s, p)


def conv_backward_naive(dout, cache):
    shape, views, w, s, p = cache
    db = dout.sum((0, 2, 3))
    dw = np.einsum('nfij,ncijhw->fchw', dout, views)
    N, C, H, W = shape
    dbig = np.zeros((N, C, H + 2 * p, W + 2 * p))
    for h in range(w.shape[2]):
        for v in range(w.shape[3]):
            dbig[:, :, h:h + s * dout.shape[2]:s, v:v + s * dout.shape[3]:s] += np.einsum('nfij,fc->ncij', dout, w[:, :, h, v])
    return dbig[:, :, p:p + H, p:p + W], dw, db


def max_pool_forward_naive(x, pool_param):
    h, v, s = [pool_param[k] for k in ('pool_height', 'pool_width', 'stride')]
    views = sliding_window_view(x, (h, v), axis=(2, 3))[:, :, ::s, ::s]
    return views.max(axis=(-1, -2)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, param = cache
    h, v, s = [param[k] for k in ('pool_height', 'pool_width', 'stride')]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        part = x[n, c, i * s:i * s + h, j * s:j * s + v]
        a, d = np.unravel_index(np.argmax(part), part.shape)
        dx[n, c, i * s + a, j * s + d] += dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    columns = np.moveaxis(x, 1, -1)
    m = columns.mean(axis=(0, 1, 2))
    c = columns - m
    v = (c ** 2).mean(axis=(0, 1, 2)) + bn_param.get('eps', 1e-5)
    return np.moveaxis(gamma * c / np.sqrt(v) + beta, -1, 1), (c, v, gamma)


def spatial_batchnorm_backward(dout, cache):
    c, v, gamma = cache
    g = np.moveaxis(dout, 1, -1)
    n = g.size / g.shape[-1]
    dgamma = (g * c).sum((0, 1, 2)) / np.sqrt(v)
    dc = gamma * g / np.sqrt(v)
    dv = -0.5 * gamma * (g * c).sum((0, 1, 2)) * v ** -1.5
    dc = dc + 2 * c * dv / n
    dx = dc - dc.sum((0, 1, 2)) / n
    return np.moveaxis(dx, -1, 1), dgamma, g.sum((0, 1, 2))


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get('eps', 1e-5)
    out = np.zeros_like(x)
    xhat = np.zeros_like(x)
    size = x.shape[1] // G
    scales = np.zeros((x.shape[0], G))
    for n in range(x.shape[0]):
        for g in range(G):
            block = x[n, g * size:(g + 1) * size]
            scales[n, g] = np.sqrt(block.var() + eps)
            xhat[n, g * size:(g + 1) * size] = (block - block.mean()) / scales[n, g]
    out = gamma * xhat + beta
    return out, (xhat, scales, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, scales, gamma, G = cache
    dx = np.zeros_like(dout)
    size = dout.shape[1] // G
    for n in range(dout.shape[0]):
        for g in range(G):
            here = np.s_[n, g * size:(g + 1) * size]
            up = (dout * gamma)[here]
            dx[here] = (up - up.mean() - xhat[here] * (up * xhat[here]).mean()) / scales[n, g]
    return dx, (dout * xhat).sum((0, 2, 3), keepdims=True), dout.sum((0, 2, 3), keepdims=True)
