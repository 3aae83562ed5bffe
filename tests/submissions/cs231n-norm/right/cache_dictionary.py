import numpy as np


def _normalise(x, axis, eps):
    c = {'axis': axis, 'x': x}
    c['mean'] = x.mean(axis=axis, keepdims=True)
    c['var'] = x.var(axis=axis, keepdims=True)
    c['inv'] = (c['var'] + eps) ** -0.5
    c['hat'] = (x - c['mean']) * c['inv']
    return c


def _normalise_backward(dhat, c):
    n = c['x'].shape[c['axis']]
    centred = c['x'] - c['mean']
    dvar = (dhat * centred).sum(axis=c['axis'], keepdims=True) * -0.5 * c['inv'] ** 3
    dmean = -(dhat * c['inv']).sum(axis=c['axis'], keepdims=True) - 2 * dvar * centred.mean(axis=c['axis'], keepdims=True)
    return dhat * c['inv'] + dvar * 2 * centred / n + dmean / n


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps, momentum = bn_param.get('eps', 1e-5), bn_param.get('momentum', 0.9)
    bn_param.setdefault('running_mean', np.zeros(x.shape[1]))
    bn_param.setdefault('running_var', np.zeros(x.shape[1]))
    if mode == 'test':
        hat = (x - bn_param['running_mean']) / np.sqrt(bn_param['running_var'] + eps)
        return hat * gamma + beta, None
    cache = _normalise(x, 0, eps)
    cache['gamma'] = gamma
    for name, new in (('running_mean', cache['mean']), ('running_var', cache['var'])):
        bn_param[name] = momentum * bn_param[name] + (1 - momentum) * new.ravel()
    return cache['hat'] * gamma + beta, cache


def batchnorm_backward(dout, cache):
    dx = _normalise_backward(dout * cache['gamma'], cache)
    return dx, (dout * cache['hat']).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward_alt(dout, cache):
    g = dout * cache['gamma']
    hat = cache['hat']
    dx = cache['inv'] * (g - g.mean(axis=0) - hat * (g * hat).mean(axis=0))
    return dx, np.einsum('nd,nd->d', dout, hat), np.einsum('nd->d', dout)


def layernorm_forward(x, gamma, beta, ln_param):
    cache = _normalise(x, 1, ln_param.get('eps', 1e-5))
    cache['gamma'] = gamma
    return cache['hat'] * gamma + beta, cache


layernorm_backward = batchnorm_backward
