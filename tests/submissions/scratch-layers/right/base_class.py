from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Layer:
    """Keeps what `forward` was given, and hands it on to `grad`."""

    def forward(self, *inputs):
        self.inputs = inputs
        self.out = self.compute(*inputs)
        return self.out

    def backward(self, dout=1.0):
        return self.grad(dout, *self.inputs)


class AddLayer(Layer):
    def compute(self, x, y):
        return x + y

    def grad(self, dout, x, y):
        return dout.copy(), dout.copy()


class MulLayer(Layer):
    def compute(self, x, y):
        return x * y

    def grad(self, dout, x, y):
        return dout * y, dout * x


class Relu(Layer):
    def compute(self, x):
        return np.maximum(x, 0)

    def grad(self, dout, x):
        return np.where(x > 0, dout, 0)


class Sigmoid(Layer):
    def compute(self, x):
        return np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))

    def grad(self, dout, x):
        return dout * np.exp(-x) / (1 + np.exp(-x)) ** 2


@dataclass
class Affine(Layer):
    W: np.ndarray
    b: np.ndarray
    dW: Any = field(default=None, init=False)
    db: Any = field(default=None, init=False)

    def compute(self, x):
        return x @ self.W + self.b

    def grad(self, dout, x):
        self.dW = np.einsum("nd,nm->dm", x, dout)
        self.db = np.einsum("nm->m", dout)
        return np.einsum("nm,dm->nd", dout, self.W)


class SoftmaxWithLoss(Layer):
    def compute(self, x, t):
        m = x.max(axis=1, keepdims=True)
        self.logp = x - m - np.log(np.exp(x - m).sum(axis=1, keepdims=True))
        return -self.logp[np.arange(len(t)), t].mean()

    def grad(self, dout, x, t):
        return dout * (np.exp(self.logp) - np.eye(x.shape[1])[t]) / len(t)


class Convolution(Layer):
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def _windows(self, padded):
        fh, fw = self.W.shape[2:]
        for i in range(0, padded.shape[2] - fh + 1, self.stride):
            for j in range(0, padded.shape[3] - fw + 1, self.stride):
                yield i // self.stride, j // self.stride, np.s_[:, :, i:i + fh, j:j + fw]

    def compute(self, x):
        self.padded = np.pad(x, [(0, 0), (0, 0)] + [(self.pad, self.pad)] * 2)
        parts = {(i, j): np.einsum("nchw,fchw->nf", self.padded[s], self.W) + self.b for i, j, s in self._windows(self.padded)}
        rows, columns = max(i for i, _ in parts) + 1, max(j for _, j in parts) + 1
        return np.stack([np.stack([parts[i, j] for j in range(columns)], -1) for i in range(rows)], 2)

    def grad(self, dout, x):
        back = np.zeros_like(self.padded)
        self.dW = np.zeros_like(self.W)
        for i, j, s in self._windows(self.padded):
            back[s] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], self.W)
            self.dW += np.einsum("nf,nchw->fchw", dout[:, :, i, j], self.padded[s])
        self.db = dout.sum(axis=(0, 2, 3))
        p = self.pad
        return back[:, :, p:-p, p:-p] if p else back


class Pooling(Layer):
    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.h, self.w, self.stride = pool_h, pool_w, stride

    def compute(self, x):
        n, c, h, w = x.shape
        self.blocks = x.reshape(n, c, h // self.h, self.h, w // self.w, self.w)
        return self.blocks.max(axis=(3, 5))

    def grad(self, dout, x):
        top = self.out[:, :, :, None, :, None]
        return ((self.blocks == top) * dout[:, :, :, None, :, None]).reshape(x.shape)


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        shapes = {"W1": (input_size, hidden_size), "W2": (hidden_size, output_size)}
        self.params = {name: weight_init_std * np.random.standard_normal(shape) for name, shape in shapes.items()}
        self.params |= {"b1": np.zeros(hidden_size), "b2": np.zeros(output_size)}

    def _layers(self):
        p = self.params
        return [Affine(p["W1"], p["b1"]), Relu(), Affine(p["W2"], p["b2"])]

    def loss(self, x, t):
        self.layers, self.last = self._layers(), SoftmaxWithLoss()
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x, t)

    def gradient(self, x, t):
        self.loss(x, t)
        g = self.last.backward()
        for layer in self.layers[::-1]:
            g = layer.backward(g)
        first, _, second = self.layers
        return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}
