import numpy as np
import scipy.special


class Linear:
    def __init__(self, in_features, out_features, debug=False):
        self.W = np.zeros((out_features, in_features), dtype="f")
        self.b = np.zeros((out_features, 1), dtype="f")
        self.dLdW = np.zeros((out_features, in_features), dtype="f")
        self.dLdb = np.zeros((out_features, 1), dtype="f")
        self.debug = debug

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1), dtype="f")
        Z = np.dot(A, self.W.T) + np.dot(self.Ones, self.b.T)
        return Z

    def backward(self, dLdZ):
        dZdA = self.W.T
        dZdW = self.A
        dZdb = self.Ones
        dLdA = dLdZ @ dZdA.T
        self.dLdW = dLdZ.T @ dZdW
        self.dLdb = dLdZ.T @ dZdb
        if self.debug:
            self.dLdA = dLdA
        return dLdA


class Sigmoid:
    def forward(self, Z):
        self.A = scipy.special.expit(Z)
        return self.A

    def backward(self, dLdA):
        return np.multiply(dLdA, np.multiply(self.A, 1 - self.A))


class Tanh:
    def forward(self, Z):
        self.A = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
        return self.A

    def backward(self, dLdA):
        return dLdA * (np.ones(self.A.shape) - np.power(self.A, 2))


class ReLU:
    def forward(self, Z):
        self.A = Z.clip(0)
        return self.A

    def backward(self, dLdA):
        dAdZ = np.where(self.A > 0, 1, 0)
        return dLdA * dAdZ


class GELU:
    def forward(self, Z):
        self.Z = Z
        self.A = 0.5 * Z * (1 + scipy.special.erf(Z / np.sqrt(2)))
        return self.A

    def backward(self, dLdA):
        phi = 0.5 * (1 + scipy.special.erf(self.Z / np.sqrt(2)))
        pdf = np.exp(-0.5 * np.square(self.Z)) / np.sqrt(2 * np.pi)
        return dLdA * (phi + self.Z * pdf)


class Softmax:
    def forward(self, Z):
        self.A = scipy.special.softmax(Z, axis=1)
        return self.A

    def backward(self, dLdA):
        N, C = self.A.shape
        dLdZ = np.zeros((N, C))
        for i in range(N):
            a = self.A[i].reshape(-1, 1)
            J = np.diagflat(a) - a @ a.T
            dLdZ[i] = dLdA[i] @ J
        return dLdZ


class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        se = (A - Y) * (A - Y)
        sse = np.sum(se)
        return sse / (2 * self.N * self.C)

    def backward(self):
        return (self.A - self.Y) / (self.N * self.C)


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        N, C = A.shape
        Ones_C = np.ones((C, 1), dtype="f")
        Ones_N = np.ones((N, 1), dtype="f")
        self.softmax = np.exp(A) / np.sum(np.exp(A), axis=1, keepdims=True)
        crossentropy = (-1 * Y * np.log(self.softmax)) @ Ones_C
        sum_crossentropy = Ones_N.T @ crossentropy
        return sum_crossentropy / N

    def backward(self):
        return (self.softmax - self.Y) / self.A.shape[0]


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        if eval == False:
            self.Z = Z
            self.N = Z.shape[0]
            self.M = np.sum(Z, axis=0, keepdims=True) / self.N
            self.V = np.sum((Z - self.M) ** 2, axis=0, keepdims=True) / self.N
            self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
            self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
            self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        else:
            self.NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            self.BZ = self.BW * self.NZ + self.Bb
        return self.BZ

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0)
        self.dLdBb = np.sum(dLdBZ, axis=0)
        dLdNZ = dLdBZ * self.BW
        dLdV = -0.5 * np.sum(dLdNZ * (self.Z - self.M) * np.power(self.V + self.eps, -1.5), axis=0)
        dLdM = -np.sum(dLdNZ * np.power(self.V + self.eps, -0.5), axis=0) - (2 / self.N) * dLdV * np.sum(self.Z - self.M, axis=0)
        return dLdNZ * np.power(self.V + self.eps, -0.5) + dLdV * (2 / self.N) * (self.Z - self.M) + dLdM / self.N


class Conv1d_stride1:
    def __init__(self, in_channels, out_channels, kernel_size, weight_init_fn=None, bias_init_fn=None):
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel_size
        if weight_init_fn is None:
            self.W = np.random.normal(0, 1.0, (out_channels, in_channels, kernel_size))
        else:
            self.W = weight_init_fn(out_channels, in_channels, kernel_size)
        self.b = np.zeros(out_channels) if bias_init_fn is None else bias_init_fn(out_channels)
        self.dLdW, self.dLdb = np.zeros(self.W.shape), np.zeros(self.b.shape)

    def forward(self, A):
        self.A = A
        n, c, w = A.shape
        out = w - self.kernel_size + 1
        Z = np.zeros((n, self.out_channels, out))
        for b in range(n):
            for o in range(self.out_channels):
                for t in range(out):
                    Z[b, o, t] = (A[b, :, t:t + self.kernel_size] * self.W[o]).sum() + self.b[o]
        return Z

    def backward(self, dLdZ):
        n, o, out = dLdZ.shape
        dLdA = np.zeros(self.A.shape)
        self.dLdW[...] = 0
        self.dLdb[...] = 0
        for b in range(n):
            for f in range(o):
                for t in range(out):
                    g = dLdZ[b, f, t]
                    self.dLdb[f] += g
                    self.dLdW[f] += g * self.A[b, :, t:t + self.kernel_size]
                    dLdA[b, :, t:t + self.kernel_size] += g * self.W[f]
        return dLdA
