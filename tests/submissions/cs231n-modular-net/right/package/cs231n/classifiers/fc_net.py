from builtins import range
from builtins import object
import os
import numpy as np

from ..layers import *
from ..layer_utils import *


class TwoLayerNet(object):
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {}
        self.reg = reg
        self.params['W1'] = np.random.normal(0, weight_scale, (input_dim, hidden_dim))
        self.params['W2'] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
        self.params['b1'], self.params['b2'] = np.zeros(hidden_dim), np.zeros(num_classes)

    def loss(self, X, y=None):
        hidden, first = affine_relu_forward(X, self.params['W1'], self.params['b1'])
        scores, second = affine_forward(hidden, self.params['W2'], self.params['b2'])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        dout, grads['W2'], grads['b2'] = affine_backward(dout, second)
        dout, grads['W1'], grads['b1'] = affine_relu_backward(dout, first)
        for k in ('W1', 'W2'):
            loss += 0.5 * self.reg * np.sum(self.params[k] ** 2)
            grads[k] += self.reg * self.params[k]
        return loss, grads

    def save(self, fname):
        fpath = os.path.join(os.path.dirname(__file__), "../saved/", fname)
        np.save(fpath, self.params)
