import math

import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        bound = in_features ** -0.5
        self.W = np.random.uniform(-bound, bound, (out_features, in_features))
        self.b = np.random.uniform(-bound, bound, (out_features, 1))
        self.dLdW, self.dLdb = np.zeros_like(self.W), np.zeros_like(self.b)

    def __call__(self, A):
        return self.forward(A)

    def forward(self, A):
        self.A = A
        return np.einsum("nd,md->nm", A, self.W) + self.b[:, 0]

    def backward(self, dLdZ):
        self.dLdW = np.einsum("nm,nd->md", dLdZ, self.A)
        self.dLdb = dLdZ.sum(axis=0)[:, None]
        return np.einsum("nm,md->nd", dLdZ, self.W)


class Activation:
    def forward(self, Z):
        self.Z = Z
        return self.value(Z)

    def backward(self, dLdA):
        return dLdA * self.slope(self.Z)


class Sigmoid(Activation):
    value = staticmethod(lambda Z: 0.5 * (1 + np.tanh(Z / 2)))
    slope = staticmethod(lambda Z: 0.25 / np.cosh(Z / 2) ** 2)


class Tanh(Activation):
    value = staticmethod(np.tanh)
    slope = staticmethod(lambda Z: 1 / np.cosh(Z) ** 2)


class ReLU(Activation):
    value = staticmethod(lambda Z: Z * (Z > 0))
    slope = staticmethod(lambda Z: (Z > 0).astype(Z.dtype))


_erf = np.vectorize(math.erf)


class GELU(Activation):
    value = staticmethod(lambda Z: Z * (1 + _erf(Z / 2 ** 0.5)) / 2)

    @staticmethod
    def slope(Z):
        return (1 + _erf(Z / 2 ** 0.5)) / 2 + Z * np.exp(-0.5 * Z * Z) / (2 * np.pi) ** 0.5


class Softmax:
    def forward(self, Z):
        e = np.exp(Z)
        self.A = e / e.sum(axis=-1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        return self.A * (dLdA - (dLdA * self.A).sum(axis=-1, keepdims=True))


class MSELoss:
    def forward(self, A, Y):
        self.gap = A - Y
        return np.mean(self.gap ** 2)

    def backward(self):
        return self.gap * 2 / self.gap.size


class CrossEntropyLoss:
    def forward(self, A, Y):
        lse = np.log(np.exp(A).sum(axis=1, keepdims=True))
        self.logp, self.Y = A - lse, Y
        return np.mean(-(Y * self.logp).sum(axis=1))

    def backward(self):
        dlogp = -self.Y / len(self.Y)
        return dlogp - np.exp(self.logp) * dlogp.sum(axis=1, keepdims=True)


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.eps, self.alpha = 1e-8, alpha
        self.BW, self.Bb = np.ones((1, num_features)), np.zeros((1, num_features))
        self.running_M, self.running_V = np.zeros((1, num_features)), np.ones((1, num_features))

    def forward(self, Z, eval=False):
        M, V = (self.running_M, self.running_V) if eval else (Z.mean(0, keepdims=True), Z.var(0, keepdims=True))
        self.inv = 1 / np.sqrt(V + self.eps)
        self.NZ = (Z - M) * self.inv
        if not eval:
            for name, new in (("running_M", M), ("running_V", V)):
                setattr(self, name, self.alpha * getattr(self, name) + (1 - self.alpha) * new)
        return self.NZ * self.BW + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = (dLdBZ * self.NZ).sum(0, keepdims=True)
        self.dLdBb = dLdBZ.sum(0, keepdims=True)
        g = dLdBZ * self.BW
        return self.inv * (g - g.mean(0) - self.NZ * (g * self.NZ).mean(0))


class Conv1d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.K = kernel_size
        self.W = np.random.randn(out_channels, in_channels, kernel_size)
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        windows = np.lib.stride_tricks.sliding_window_view(A, self.K, axis=2)
        return np.einsum("nctk,fck->nft", windows, self.W) + self.b[None, :, None]

    def backward(self, dLdZ):
        windows = np.lib.stride_tricks.sliding_window_view(self.A, self.K, axis=2)
        self.dLdW = np.einsum("nctk,nft->fck", windows, dLdZ)
        self.dLdb = np.einsum("nft->f", dLdZ)
        dLdA = np.zeros(self.A.shape)
        for t in range(dLdZ.shape[2]):
            dLdA[:, :, t:t + self.K] += np.einsum("nf,fck->nck", dLdZ[:, :, t], self.W)
        return dLdA
