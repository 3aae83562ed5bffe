# Sums instead of means, flat arrays, np.outer.
import numpy as np


def sigma(t):
    return np.where(t >= 0, 1 / (1 + np.exp(-np.abs(t))), 1 - 1 / (1 + np.exp(-np.abs(t))))


class RNNCell:
    def __init__(self, n_in, n_out):
        self.n_in, self.n_out = n_in, n_out

    def forward(self, inputs, state):
        return np.tanh(np.einsum("nd,hd->nh", inputs, self.W_ih) + np.einsum("nk,hk->nh", state, self.W_hh) + self.b_ih + self.b_hh)

    def backward(self, delta, after, inputs, before):
        delta = delta - delta * np.square(after)
        self.dW_ih = np.einsum("nh,nd->hd", delta, inputs)
        self.dW_hh = np.einsum("nh,nk->hk", delta, before)
        self.db_ih = self.db_hh = np.einsum("nh->h", delta)
        return np.einsum("nh,hd->nd", delta, self.W_ih), np.einsum("nh,hk->nk", delta, self.W_hh)


class GRUCell:
    def __init__(self, n_in, n_out):
        self.sizes = n_in, n_out

    def forward(self, x, before):
        x, before = np.ravel(x), np.ravel(before)
        reset = sigma(self.Wrx.dot(x) + self.brx + self.Wrh.dot(before) + self.brh)
        update = sigma(self.Wzx.dot(x) + self.bzx + self.Wzh.dot(before) + self.bzh)
        recalled = self.Wnh.dot(before) + self.bnh
        fresh = np.tanh(self.Wnx.dot(x) + self.bnx + reset * recalled)
        self.tape = x, before, reset, update, recalled, fresh
        return fresh + update * (before - fresh)

    def backward(self, d):
        x, before, reset, update, recalled, fresh = self.tape
        d = np.ravel(d)
        d_fresh = d * (1 - update) * (1 - fresh * fresh)
        d_update = d * (before - fresh) * update * (1 - update)
        d_reset = d_fresh * recalled * reset * (1 - reset)
        d_recalled = d_fresh * reset
        for gate, into_x, into_h in (("r", d_reset, d_reset), ("z", d_update, d_update), ("n", d_fresh, d_recalled)):
            setattr(self, "dW" + gate + "x", np.outer(into_x, x))
            setattr(self, "dW" + gate + "h", np.outer(into_h, before))
            setattr(self, "db" + gate + "x", into_x)
            setattr(self, "db" + gate + "h", into_h)
        dx = d_reset.dot(self.Wrx) + d_update.dot(self.Wzx) + d_fresh.dot(self.Wnx)
        dh = d * update + d_reset.dot(self.Wrh) + d_update.dot(self.Wzh) + d_recalled.dot(self.Wnh)
        return dx, dh
