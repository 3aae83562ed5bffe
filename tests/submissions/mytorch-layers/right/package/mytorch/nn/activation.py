import numpy as np
import scipy
import scipy.special


class Identity:
    def forward(self, Z):
        self.A = Z
        return self.A

    def backward(self, dLdA):
        dAdZ = np.ones(self.A.shape, dtype="f")
        return dLdA * dAdZ


class Sigmoid:
    def forward(self, Z):
        self.A = scipy.special.expit(Z)
        return self.A

    def backward(self, dLdA):
        dAdZ = self.A * (1 - self.A)
        return dLdA * dAdZ


class Tanh:
    def forward(self, Z):
        self.A = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
        return self.A

    def backward(self, dLdA):
        return dLdA - dLdA * self.A ** 2


class ReLU:
    def forward(self, Z):
        self.A = np.where(Z > 0, Z, 0)
        return self.A

    def backward(self, dLdA):
        return dLdA * np.sign(self.A)


class GELU:
    def forward(self, Z):
        self.Z = Z
        return Z * scipy.special.ndtr(Z)

    def backward(self, dLdA):
        pdf = np.exp(-np.square(self.Z) / 2) / np.sqrt(2 * np.pi)
        return dLdA * (scipy.special.ndtr(self.Z) + self.Z * pdf)


class Softmax:
    def forward(self, Z):
        self.A = scipy.special.softmax(Z, axis=1)
        return self.A

    def backward(self, dLdA):
        rows = []
        for a, g in zip(self.A, dLdA):
            jacobian = np.diag(a) - np.outer(a, a)
            rows.append(jacobian @ g)
        return np.stack(rows)
