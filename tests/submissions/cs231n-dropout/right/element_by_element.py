import random

import numpy as np


def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    out = np.array(x, dtype=np.float)
    if mode == 'test':
        return out, None
    dropped = []
    flat = out.ravel()
    for i in xrange(flat.size):
        if random.random() < p:
            flat[i] = flat[i] / p
        else:
            flat[i] = 0
            dropped.append(i)
    return out, (dropped, p)


def dropout_backward(dout, cache):
    dx = dout.copy()
    if cache is not None:
        dropped, p = cache
        dx /= p
        dx.ravel()[dropped] = 0
    return dx
