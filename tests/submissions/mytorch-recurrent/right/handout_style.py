import numpy as np


class Sigmoid:
    def forward(self, x):
        self.A = 1 / (1 + np.exp(-x))
        return self.A

    def backward(self, state=None):
        a = self.A if state is None else state
        return a * (1 - a)


class Tanh:
    def forward(self, x):
        self.A = np.tanh(x)
        return self.A

    def backward(self, state=None):
        a = self.A if state is None else state
        return 1 - a**2


class RNNCell(object):
    """RNN Cell class."""

    def __init__(self, input_size, hidden_size):
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.activation = Tanh()
        h, d = self.hidden_size, self.input_size

        self.W_ih = np.random.randn(h, d)
        self.W_hh = np.random.randn(h, h)
        self.b_ih = np.random.randn(h)
        self.b_hh = np.random.randn(h)

        self.dW_ih = np.zeros((h, d))
        self.dW_hh = np.zeros((h, h))
        self.db_ih = np.zeros(h)
        self.db_hh = np.zeros(h)

    def init_weights(self, W_ih, W_hh, b_ih, b_hh):
        self.W_ih = W_ih
        self.W_hh = W_hh
        self.b_ih = b_ih
        self.b_hh = b_hh

    def zero_grad(self):
        d, h = self.input_size, self.hidden_size
        self.dW_ih = np.zeros((h, d))
        self.dW_hh = np.zeros((h, h))
        self.db_ih = np.zeros(h)
        self.db_hh = np.zeros(h)

    def __call__(self, x, h_prev_t):
        return self.forward(x, h_prev_t)

    def forward(self, x, h_prev_t):
        h_t = self.activation.forward(x @ self.W_ih.T + self.b_ih + h_prev_t @ self.W_hh.T + self.b_hh)
        return h_t

    def backward(self, delta, h_t, h_prev_l, h_prev_t):
        batch_size = delta.shape[0]
        # step backward through the tanh activation
        dz = self.activation.backward(state=h_t) * delta

        # the averaged gradients of the weights and biases
        self.dW_ih += dz.T @ h_prev_l / batch_size
        self.dW_hh += dz.T @ h_prev_t / batch_size
        self.db_ih += np.mean(dz, axis=0)
        self.db_hh += np.mean(dz, axis=0)

        dx = dz @ self.W_ih
        dh_prev_t = dz @ self.W_hh
        return dx, dh_prev_t


class GRUCell(object):
    """GRU Cell class."""

    def __init__(self, input_size, hidden_size):
        self.d = input_size
        self.h = hidden_size
        h, d = self.h, self.d
        self.x_t = 0

        self.Wrx = np.random.randn(h, d)
        self.Wzx = np.random.randn(h, d)
        self.Wnx = np.random.randn(h, d)
        self.Wrh = np.random.randn(h, h)
        self.Wzh = np.random.randn(h, h)
        self.Wnh = np.random.randn(h, h)
        self.brx = np.random.randn(h)
        self.bzx = np.random.randn(h)
        self.bnx = np.random.randn(h)
        self.brh = np.random.randn(h)
        self.bzh = np.random.randn(h)
        self.bnh = np.random.randn(h)

        self.dWrx = np.zeros((h, d))
        self.dWzx = np.zeros((h, d))
        self.dWnx = np.zeros((h, d))
        self.dWrh = np.zeros((h, h))
        self.dWzh = np.zeros((h, h))
        self.dWnh = np.zeros((h, h))
        self.dbrx = np.zeros((h))
        self.dbzx = np.zeros((h))
        self.dbnx = np.zeros((h))
        self.dbrh = np.zeros((h))
        self.dbzh = np.zeros((h))
        self.dbnh = np.zeros((h))

        self.r_act = Sigmoid()
        self.z_act = Sigmoid()
        self.h_act = Tanh()

    def forward(self, x, h_prev_t):
        self.x = x
        self.hidden = h_prev_t
        self.r = self.r_act.forward(self.Wrx @ x + self.brx + self.Wrh @ h_prev_t + self.brh)
        self.z = self.z_act.forward(self.Wzx @ x + self.bzx + self.Wzh @ h_prev_t + self.bzh)
        self.inner = self.Wnh @ h_prev_t + self.bnh
        self.n = self.h_act.forward(self.Wnx @ x + self.bnx + self.r * self.inner)
        h_t = (1 - self.z) * self.n + self.z * h_prev_t
        assert self.r.shape == (self.h,)
        assert h_t.shape == (self.h,)
        return h_t

    def backward(self, delta):
        x = self.x.reshape(1, -1)
        hidden = self.hidden.reshape(1, -1)
        delta = delta.reshape(1, -1)

        dz = delta * (hidden - self.n.reshape(1, -1))
        dn = delta * (1 - self.z.reshape(1, -1))

        dtanh = dn * self.h_act.backward()
        dr = dtanh * self.inner
        dinner = dtanh * self.r
        dsig_r = dr * self.r_act.backward()
        dsig_z = dz * self.z_act.backward()

        self.dWnx += dtanh.T @ x
        self.dbnx += dtanh[0]
        self.dWnh += dinner.T @ hidden
        self.dbnh += dinner[0]
        self.dWzx += dsig_z.T @ x
        self.dbzx += dsig_z[0]
        self.dWzh += dsig_z.T @ hidden
        self.dbzh += dsig_z[0]
        self.dWrx += dsig_r.T @ x
        self.dbrx += dsig_r[0]
        self.dWrh += dsig_r.T @ hidden
        self.dbrh += dsig_r[0]

        dx = dtanh @ self.Wnx + dsig_z @ self.Wzx + dsig_r @ self.Wrx
        dh_prev_t = delta * self.z + dinner @ self.Wnh + dsig_z @ self.Wzh + dsig_r @ self.Wrh

        assert dx.shape == (1, self.d)
        assert dh_prev_t.shape == (1, self.h)
        return dx, dh_prev_t
