import numpy as np


def forward_propagation(X, parameters):
    p = parameters
    A1 = np.tanh(np.einsum("hd,dm->hm", p["W1"], X) + p["b1"])
    A2 = 0.5 * (1 + np.tanh(0.5 * (np.einsum("oh,hm->om", p["W2"], A1) + p["b2"])))
    return A2, (A1, A2)


def compute_cost(A2, Y):
    return np.mean(-Y * np.log(A2) - (1 - Y) * np.log1p(-A2))


def backward_propagation(parameters, cache, X, Y):
    A1, A2 = cache
    delta2 = (A2 - Y) / Y.size
    delta1 = np.einsum("oh,om->hm", parameters["W2"], delta2) * (1 - A1 * A1)
    return dict(
        dW2=np.einsum("om,hm->oh", delta2, A1),
        db2=delta2.sum(axis=1, keepdims=True),
        dW1=np.einsum("hm,dm->hd", delta1, X),
        db1=delta1.sum(axis=1, keepdims=True),
    )
