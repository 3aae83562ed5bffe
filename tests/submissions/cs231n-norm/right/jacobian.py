import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] == "train":
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        m, v = np.average(x, axis=0), np.var(x, axis=0)
        bn_param["running_mean"] = momentum * bn_param.get("running_mean", 0) + (1 - momentum) * m
        bn_param["running_var"] = momentum * bn_param.get("running_var", 0) + (1 - momentum) * v
        xhat = (x - m) / (v + eps) ** 0.5
        return gamma[None] * xhat + beta[None], [x, m, v + eps, gamma]
    m, v = bn_param["running_mean"], bn_param["running_var"]
    return gamma * (x - m) / (v + bn_param.get("eps", 1e-5)) ** 0.5 + beta, None


def _column(x, m, v, g):
    """The gradient of one column of numbers: the whole Jacobian, times g."""
    n = len(x)
    c = x - m
    jacobian = (np.eye(n) - 1.0 / n) / v ** 0.5 - np.outer(c, c) / (n * v ** 1.5)
    return jacobian @ g


def batchnorm_backward(dout, cache):
    x, m, v, gamma = cache
    dx = np.empty_like(x)
    for j in range(x.shape[1]):
        dx[:, j] = _column(x[:, j], m[j], v[j], gamma[j] * dout[:, j])
    return dx, np.sum(dout * (x - m) / np.sqrt(v), 0), np.sum(dout, 0)


def batchnorm_backward_alt(dout, cache):
    x, m, v, gamma = cache
    N = x.shape[0]
    xhat = (x - m) / np.sqrt(v)
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    return gamma / np.sqrt(v) * (dout - (dbeta + xhat * dgamma) / N), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    out, (xt, m, v, _) = batchnorm_forward(x.T, np.ones(x.shape[0]), np.zeros(x.shape[0]), dict(ln_param, mode="train"))
    return out.T * gamma + beta, (xt, m, v, gamma)


def layernorm_backward(dout, cache):
    xt, m, v, gamma = cache
    dx, _, _ = batchnorm_backward((dout * gamma).T, (xt, m, v, np.ones(xt.shape[1])))
    xhat = ((xt - m) / np.sqrt(v)).T
    return dx.T, (dout * xhat).sum(0), dout.sum(0)
