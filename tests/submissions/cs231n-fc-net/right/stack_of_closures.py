import numpy as np


class FullyConnectedNet:
    """Each step forth leaves a function that takes the gradient one step back."""

    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout=1, normalization=None,
                 reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization, self.reg, self.dtype = normalization, reg, np.dtype(dtype)
        self.sizes = [input_dim, *hidden_dims, num_classes]
        self.L = len(self.sizes) - 1
        self.params = {}
        for l, (a, b) in enumerate(zip(self.sizes, self.sizes[1:]), 1):
            self.params[f"W{l}"] = np.random.normal(0, weight_scale, (a, b)).astype(self.dtype)
            self.params[f"b{l}"] = np.zeros(b, self.dtype)
            if normalization and l < self.L:
                self.params[f"gamma{l}"], self.params[f"beta{l}"] = np.ones(b, self.dtype), np.zeros(b, self.dtype)
        self.running, self.keep = {}, dropout
        self.rng = np.random.default_rng(seed)

    def _affine(self, x, l, grads):
        W = self.params[f"W{l}"]

        def back(g):
            grads[f"W{l}"] = np.einsum("nd,nm->dm", x, g) + self.reg * W
            grads[f"b{l}"] = g.sum(0)
            return g @ W.T

        return x @ W + self.params[f"b{l}"], back

    def _norm(self, x, l, grads):
        axis = 0 if self.normalization == "batchnorm" else 1
        mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
        inv = (var + 1e-5) ** -0.5
        hat = (x - mean) * inv
        gamma = self.params[f"gamma{l}"]

        def back(g):
            grads[f"gamma{l}"], grads[f"beta{l}"] = (g * hat).sum(0), g.sum(0)
            g = g * gamma
            return inv * (g - g.mean(axis, keepdims=True) - hat * (g * hat).mean(axis, keepdims=True))

        return hat * gamma + self.params[f"beta{l}"], back

    def loss(self, X, y=None):
        grads, tape, out = {}, [], X.astype(self.dtype)
        for l in range(1, self.L + 1):
            out, back = self._affine(out, l, grads)
            tape.append(back)
            if l == self.L:
                break
            if self.normalization:
                out, back = self._norm(out, l, grads)
                tape.append(back)
            mask = out > 0
            out = out * mask
            tape.append(lambda g, mask=mask: g * mask)
            if y is not None and self.keep != 1:
                kept = self.rng.binomial(1, self.keep, out.shape) / self.keep
                out = out * kept
                tape.append(lambda g, kept=kept: g * kept)
        if y is None:
            return out
        e = np.exp(out - out.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        hot = np.eye(out.shape[1])[y]
        loss = -np.log((p * hot).sum(1)).mean()
        loss += 0.5 * self.reg * sum(np.sum(self.params[f"W{l}"] ** 2) for l in range(1, self.L + 1))
        g = (p - hot) / len(X)
        while tape:
            g = tape.pop()(g)
        return loss, grads
