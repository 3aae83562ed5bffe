# expects: convolution-out convolution-dx convolution-dw convolution-db pooling-out pooling-dx two-layer-net-loss two-layer-net-dw1 two-layer-net-db1 two-layer-net-dw2 two-layer-net-db2
import numpy as np


def _elementwise(function, slope):
    """A class of layers that apply a function to each number."""

    class Elementwise(object):
        def forward(self, x):
            self.x = np.array(x, dtype=np.float)
            flat = [function(v) for v in self.x.ravel()]
            return np.array(flat).reshape(self.x.shape)

        def backward(self, dout):
            slopes = np.array([slope(v) for v in self.x.ravel()]).reshape(self.x.shape)
            return slopes * dout

    return Elementwise


class Relu(_elementwise(lambda v: max(v, 0.0), lambda v: float(v > 0))):
    pass


def _s(v):
    return 1.0 / (1.0 + np.exp(-v))


class Sigmoid(_elementwise(_s, lambda v: _s(v) * _s(-v))):
    pass


class AddLayer(object):
    def forward(self, x, y):
        return np.add(x, y)

    def backward(self, dout):
        return (dout, dout)


class MulLayer(object):
    def forward(self, x, y):
        self.pair = (x, y)
        return np.multiply(x, y)

    def backward(self, dout):
        x, y = self.pair
        return [np.multiply(dout, y), np.multiply(dout, x)]


class Affine(object):
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]

    dW = property(lambda self: self.grads[0])
    db = property(lambda self: self.grads[1])

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.matmul(x, W) + b

    def backward(self, dout):
        W, b = self.params
        dx = np.zeros_like(self.x)
        dW, db = np.zeros_like(W), np.zeros_like(b)
        for n in xrange(len(dout)):
            dx[n] = W.dot(dout[n])
            dW += np.outer(self.x[n], dout[n])
            db += dout[n]
        self.grads[0][...] = dW
        self.grads[1][...] = db
        return dx


class SoftmaxWithLoss(object):
    def forward(self, x, t):
        self.t = t
        e = np.exp(x)
        self.y = e / np.sum(e, axis=1).reshape(-1, 1)
        losses = [-np.log(self.y[n, t[n]]) for n in xrange(len(t))]
        return sum(losses) / len(losses)

    def backward(self, dout=1):
        dx = np.copy(self.y)
        for n in xrange(len(self.t)):
            dx[n, self.t[n]] -= 1
        dx *= dout
        dx = dx / len(self.t)
        return dx
