import numpy as np


def dropout_forward(x, dropout_param):
    """Here p is the share that is dropped, as in the first years of the course."""
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x.copy(), {"mode": "test"}
    rng = np.random.RandomState(dropout_param.get("seed"))
    keep = rng.uniform(size=x.shape) >= p
    return np.where(keep, x / (1 - p), 0.0), {"mode": "train", "keep": keep, "scale": 1 / (1 - p)}


def dropout_backward(dout, cache):
    if cache["mode"] == "test":
        return dout.copy()
    return np.where(cache["keep"], dout * cache["scale"], 0.0)
