import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    z = np.concatenate([x, prev_h], axis=1) @ np.concatenate([Wx, Wh]) + b
    next_h = np.tanh(z)
    return next_h, {"x": x, "h": prev_h, "Wx": Wx, "Wh": Wh, "out": next_h}


def rnn_step_backward(dnext_h, cache):
    dz = dnext_h / np.cosh(np.arctanh(cache["out"])) ** 2
    return (
        np.einsum("nh,dh->nd", dz, cache["Wx"]),
        np.einsum("nh,kh->nk", dz, cache["Wh"]),
        np.einsum("nd,nh->dh", cache["x"], dz),
        np.einsum("nk,nh->kh", cache["h"], dz),
        np.einsum("nh->h", dz),
    )


def rnn_forward(x, h0, Wx, Wh, b):
    T = x.shape[1]
    h = np.empty((x.shape[0], T + 1, h0.shape[1]))
    h[:, 0] = h0
    drive = x @ Wx + b
    for t in range(T):
        h[:, t + 1] = np.tanh(drive[:, t] + h[:, t] @ Wh)
    return h[:, 1:].copy(), (x, h, Wx, Wh)


def rnn_backward(dh, cache):
    x, h, Wx, Wh = cache
    dz = np.zeros_like(dh)
    carry = np.zeros_like(dh[:, 0])
    for t in range(dh.shape[1] - 1, -1, -1):
        dz[:, t] = (dh[:, t] + carry) * (1 - h[:, t + 1] ** 2)
        carry = dz[:, t] @ Wh.T
    dWx = np.tensordot(x, dz, axes=([0, 1], [0, 1]))
    dWh = np.tensordot(h[:, :-1], dz, axes=([0, 1], [0, 1]))
    return dz @ Wx.T, carry, dWx, dWh, dz.sum(axis=(0, 1))


def _sig(z):
    return 0.5 * (1 + np.tanh(z / 2))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    parts = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o = map(_sig, parts[:3])
    g = np.tanh(parts[3])
    next_c = f * prev_c + i * g
    return o * np.tanh(next_c), next_c, [x, prev_h, prev_c, Wx, Wh, (i, f, o, g), next_c]


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, (i, f, o, g), next_c = cache
    t = np.tanh(next_c)
    dnext_c = dnext_c + dnext_h * o * (1 - t * t)
    da = np.hstack([
        dnext_c * g * i * (1 - i),
        dnext_c * prev_c * f * (1 - f),
        dnext_h * t * o * (1 - o),
        dnext_c * i * (1 - g * g),
    ])
    return da @ Wx.T, da @ Wh.T, dnext_c * f, x.T @ da, prev_h.T @ da, da.sum(0)


def lstm_forward(x, h0, Wx, Wh, b):
    h, c, steps, states = h0, np.zeros_like(h0), [], []
    for t in range(x.shape[1]):
        h, c, step = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        steps.append(step)
        states.append(h)
    return np.stack(states, axis=1), steps


def lstm_backward(dh, cache):
    sums = [0, 0, 0]
    dx, dprev_h, dprev_c = [], 0, 0
    for t, step in reversed(list(enumerate(cache))):
        dxt, dprev_h, dprev_c, *more = lstm_step_backward(dh[:, t] + dprev_h, dprev_c, step)
        dx.insert(0, dxt)
        sums = [a + m for a, m in zip(sums, more)]
    return (np.stack(dx, axis=1), dprev_h, *sums)


def word_embedding_forward(x, W):
    return np.take(W, x, axis=0), (x, len(W))


def word_embedding_backward(dout, cache):
    x, V = cache
    hot = np.eye(V)[x]
    return np.einsum("ntv,ntd->vd", hot, dout)


def temporal_affine_forward(x, w, b):
    return np.einsum("ntd,dm->ntm", x, w) + b, (x, w)


def temporal_affine_backward(dout, cache):
    x, w = cache
    return np.einsum("ntm,dm->ntd", dout, w), np.einsum("ntd,ntm->dm", x, dout), np.einsum("ntm->m", dout)


def temporal_softmax_loss(x, y, mask, verbose=False):
    N = len(x)
    shift = x - x.max(axis=2, keepdims=True)
    logp = shift - np.log(np.exp(shift).sum(axis=2, keepdims=True))
    hot = np.eye(x.shape[2])[y]
    weight = mask.astype(float)[:, :, None]
    return -(logp * hot * weight).sum() / N, (np.exp(logp) - hot) * weight / N
