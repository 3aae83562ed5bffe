import numpy as np

from ..layers import *
from ..layer_utils import *


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout=0,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization = normalization
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        layers_dims = np.hstack([input_dim, hidden_dims, num_classes])
        for i in range(self.num_layers):
            self.params['W%d' % (i + 1)] = np.random.normal(0, weight_scale, size=(layers_dims[i], layers_dims[i + 1]))
            self.params['b%d' % (i + 1)] = np.zeros(layers_dims[i + 1])
        if self.normalization is not None:
            for i in range(self.num_layers - 1):
                self.params['gamma%d' % (i + 1)] = np.ones(layers_dims[i + 1])
                self.params['beta%d' % (i + 1)] = np.zeros(layers_dims[i + 1])
        self.use_dropout = dropout > 0
        self.dropout_param = {'mode': 'train', 'p': dropout}
        self.bn_params = [{'mode': 'train'} for i in range(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        x, cache, drops = X.astype(self.dtype), [], []
        self.dropout_param['mode'] = 'test' if y is None else 'train'
        for i in range(1, self.num_layers):
            p = [self.params.get(name + str(i)) for name in ('W', 'b', 'gamma', 'beta')]
            x, c = affine_norm_relu_forward(x, *p, self.bn_params[i - 1], self.normalization)
            cache.append(c)
            if self.use_dropout:
                x, d = dropout_forward(x, self.dropout_param)
                drops.append(d)
        w, b = self.params['W' + str(self.num_layers)], self.params['b' + str(self.num_layers)]
        scores, c = affine_forward(x, w, b)
        if y is None:
            return scores
        loss, dx = softmax_loss(scores, y)
        grads = {}
        dx, dw, db = affine_backward(dx, c)
        grads['W' + str(self.num_layers)] = dw + self.reg * w
        grads['b' + str(self.num_layers)] = db
        for i in range(self.num_layers - 1, 0, -1):
            if self.use_dropout:
                dx = dropout_backward(dx, drops.pop())
            dx, dw, db, dgamma, dbeta = affine_norm_relu_backward(dx, cache[i - 1])
            grads['W' + str(i)] = dw + self.reg * self.params['W' + str(i)]
            grads['b' + str(i)] = db
            if self.normalization is not None:
                grads['gamma' + str(i)], grads['beta' + str(i)] = dgamma, dbeta
        for i in range(1, self.num_layers + 1):
            loss += 0.5 * self.reg * np.sum(self.params['W' + str(i)] ** 2)
        return loss, grads
