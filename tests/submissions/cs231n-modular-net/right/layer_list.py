import numpy as np


class TwoLayerNet:
    """Layers as objects in a list, from the first to the last."""

    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        sizes = [input_dim, hidden_dim, num_classes]
        self.reg, self.L = reg, 2
        self.params = {}
        for l in range(1, self.L + 1):
            self.params["W%d" % l] = weight_scale * np.random.randn(*sizes[l - 1:l + 1])
            self.params["b%d" % l] = np.zeros(sizes[l])

    def loss(self, X, y=None):
        acts = [X.reshape(len(X), -1)]
        for l in range(1, self.L + 1):
            z = acts[-1] @ self.params[f"W{l}"] + self.params[f"b{l}"]
            acts.append(np.maximum(z, 0) if l < self.L else z)
        scores = acts[-1]
        if y is None:
            return scores
        top = scores.max(axis=1, keepdims=True)
        lse = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        loss = np.mean(lse[:, 0] - scores[np.arange(len(y)), y])
        delta = np.exp(scores - lse)
        delta[np.arange(len(y)), y] -= 1
        delta = delta / len(y)
        grads = {}
        for l in range(self.L, 0, -1):
            W = self.params[f"W{l}"]
            loss += self.reg / 2 * np.sum(np.square(W))
            grads[f"W{l}"] = acts[l - 1].T @ delta + self.reg * W
            grads[f"b{l}"] = delta.sum(axis=0)
            delta = delta @ W.T * (acts[l - 1] > 0)
        return loss, grads
