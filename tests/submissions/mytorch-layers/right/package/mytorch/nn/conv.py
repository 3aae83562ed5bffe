import numpy as np


class Conv1d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.kernel_size = kernel_size
        self.W = np.zeros((out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        T = A.shape[2] - self.kernel_size + 1
        Z = np.zeros((A.shape[0], self.W.shape[0], T))
        for k in range(self.kernel_size):
            Z += np.einsum("nct,fc->nft", A[:, :, k:k + T], self.W[:, :, k])
        return Z + self.b.reshape(1, -1, 1)

    def backward(self, dLdZ):
        T = dLdZ.shape[2]
        dLdA = np.zeros_like(self.A)
        self.dLdW = np.zeros_like(self.W)
        self.dLdb = dLdZ.sum(axis=(0, 2))
        for k in range(self.kernel_size):
            dLdA[:, :, k:k + T] += np.einsum("nft,fc->nct", dLdZ, self.W[:, :, k])
            self.dLdW[:, :, k] = np.einsum("nft,nct->fc", dLdZ, self.A[:, :, k:k + T])
        return dLdA
