"""Loops over single units, gates in dictionaries of rows."""
import math

import numpy as np


def _sigmoid(v):
    return 1.0 / (1.0 + math.exp(-v))


class RNNCell(object):
    def __init__(self, input_size, hidden_size):
        self.d = input_size
        self.h = hidden_size
        self.dW_ih = np.zeros((hidden_size, input_size))
        self.dW_hh = np.zeros((hidden_size, hidden_size))
        self.db_ih = np.zeros(hidden_size)
        self.db_hh = np.zeros(hidden_size)

    def forward(self, x, h_prev_t):
        out = np.zeros((len(x), self.h))
        for n in range(len(x)):
            for i in range(self.h):
                total = self.b_ih[i] + self.b_hh[i]
                for j in range(self.d):
                    total += self.W_ih[i, j] * x[n, j]
                for j in range(self.h):
                    total += self.W_hh[i, j] * h_prev_t[n, j]
                out[n, i] = math.tanh(total)
        return out

    def backward(self, delta, h, h_prev_l, h_prev_t):
        count = len(delta)
        dx = np.zeros_like(h_prev_l)
        dh = np.zeros_like(h_prev_t)
        for n in range(count):
            for i in range(self.h):
                g = delta[n, i] * (1 - h[n, i] ** 2)
                self.db_ih[i] += g / count
                self.db_hh[i] += g / count
                for j in range(self.d):
                    self.dW_ih[i, j] += g * h_prev_l[n, j] / count
                    dx[n, j] += g * self.W_ih[i, j]
                for j in range(self.h):
                    self.dW_hh[i, j] += g * h_prev_t[n, j] / count
                    dh[n, j] += g * self.W_hh[i, j]
        return dx, dh


class GRUCell(object):
    def __init__(self, input_size, hidden_size):
        self.d = input_size
        self.h = hidden_size

    def forward(self, x, h_prev_t):
        self.x, self.state = x, h_prev_t
        self.gates = {"r": [], "z": [], "m": [], "n": []}
        out = []
        for i in range(self.h):
            r = _sigmoid(sum(self.Wrx[i] * x) + self.brx[i] + sum(self.Wrh[i] * h_prev_t) + self.brh[i])
            z = _sigmoid(sum(self.Wzx[i] * x) + self.bzx[i] + sum(self.Wzh[i] * h_prev_t) + self.bzh[i])
            m = sum(self.Wnh[i] * h_prev_t) + self.bnh[i]
            n = math.tanh(sum(self.Wnx[i] * x) + self.bnx[i] + r * m)
            for name, value in zip("rzmn", (r, z, m, n)):
                self.gates[name].append(value)
            out.append(z * h_prev_t[i] + (1 - z) * n)
        return np.array(out)

    def backward(self, delta):
        dx, dh = np.zeros((1, self.d)), np.zeros((1, self.h))
        for name in ("Wrx", "Wzx", "Wnx"):
            setattr(self, "d" + name, np.zeros((self.h, self.d)))
        for name in ("Wrh", "Wzh", "Wnh"):
            setattr(self, "d" + name, np.zeros((self.h, self.h)))
        for name in ("brx", "bzx", "bnx", "brh", "bzh", "bnh"):
            setattr(self, "d" + name, np.zeros(self.h))
        for i in range(self.h):
            r, z, m, n = (self.gates[name][i] for name in "rzmn")
            g = delta[i]
            to_n = g * (1 - z) * (1 - n * n)
            to_z = g * (self.state[i] - n) * z * (1 - z)
            to_r = to_n * m * r * (1 - r)
            to_m = to_n * r
            dh[0, i] += g * z
            for name, back_x, back_h in (("r", to_r, to_r), ("z", to_z, to_z), ("n", to_n, to_m)):
                getattr(self, "dW%sx" % name)[i] = back_x * self.x
                getattr(self, "dW%sh" % name)[i] = back_h * self.state
                getattr(self, "db%sx" % name)[i] = back_x
                getattr(self, "db%sh" % name)[i] = back_h
                dx[0] += back_x * getattr(self, "W%sx" % name)[i]
                dh[0] += back_h * getattr(self, "W%sh" % name)[i]
        return dx, dh
