import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        rng = np.random.default_rng(0)
        self.params = dict(
            W1=std * rng.standard_normal((input_size, hidden_size)),
            b1=np.zeros(hidden_size),
            W2=std * rng.standard_normal((hidden_size, output_size)),
            b2=np.zeros(output_size),
        )

    def _forward(self, X):
        p = self.params
        z = np.einsum("nd,dh->nh", X, p["W1"]) + p["b1"]
        self.mask = z > 0
        self.h = z * self.mask
        return np.einsum("nh,hc->nc", self.h, p["W2"]) + p["b2"]

    def loss(self, X, y=None, reg=0.0):
        scores = self._forward(X)
        if y is None:
            return scores
        logp = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        t = np.eye(scores.shape[1])[y]
        loss = -(t * logp).sum() / len(X)
        g = (np.exp(logp) - t) / len(X)
        grads = self._backward(X, g)
        for name in ("W1", "W2"):
            loss += reg * np.sum(self.params[name] ** 2)
            grads[name] += 2 * reg * self.params[name]
        return loss, grads

    def _backward(self, X, g):
        back = g @ self.params["W2"].T * self.mask
        return {"W1": X.T @ back, "b1": back.sum(0), "W2": self.h.T @ g, "b2": g.sum(0)}
