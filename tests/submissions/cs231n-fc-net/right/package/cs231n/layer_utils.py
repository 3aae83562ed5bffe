from .layers import *


def affine_norm_relu_forward(x, w, b, gamma, beta, param, kind):
    a, fc_cache = affine_forward(x, w, b)
    norm_cache = None
    if kind == "batchnorm":
        a, norm_cache = batchnorm_forward(a, gamma, beta, param)
    elif kind == "layernorm":
        a, norm_cache = layernorm_forward(a, gamma, beta, param)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, norm_cache, relu_cache)


def affine_norm_relu_backward(dout, cache):
    fc_cache, norm_cache, relu_cache = cache
    da = relu_backward(dout, relu_cache)
    dgamma = dbeta = None
    if norm_cache is not None:
        da, dgamma, dbeta = norm_backward(da, norm_cache)
    dx, dw, db = affine_backward(da, fc_cache)
    return dx, dw, db, dgamma, dbeta
