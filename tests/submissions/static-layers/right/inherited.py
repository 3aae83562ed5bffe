# expects: conv-out conv-dx conv-dw conv-db max-pool-out max-pool-dx batchnorm-out batchnorm-dx batchnorm-dgamma batchnorm-dbeta
"""Only the fully connected part; classes share what they have in common."""
import torch


class _Layer:
    @classmethod
    def check(cls, dout):
        assert torch.is_tensor(dout)
        return dout


class Linear(_Layer):
    @staticmethod
    def forward(x, w, b):
        num = x.size(0)
        flat = x.view(num, -1)
        return torch.matmul(flat, w).add(b), (x, w, flat)

    @staticmethod
    def backward(dout, cache):
        x, w, flat = cache
        dx, dw = torch.zeros_like(flat), torch.zeros_like(w)
        db = torch.zeros(w.shape[1], dtype=w.dtype)
        for n in range(dout.shape[0]):
            dx[n] = w @ dout[n]
            dw += torch.ger(flat[n], dout[n])
            db += dout[n]
        return dx.view(x.shape), dw, db


class ReLU(_Layer):
    @staticmethod
    def forward(x):
        return torch.maximum(x, torch.tensor(0.0, dtype=x.dtype)), x

    @classmethod
    def backward(cls, dout, cache):
        return torch.where(cache > 0, cls.check(dout), torch.zeros_like(dout))


class Linear_ReLU(Linear):
    @staticmethod
    def forward(x, w, b):
        a, cache = Linear.forward(x, w, b)
        return a.clamp(min=0), (a, cache)

    @staticmethod
    def backward(dout, cache):
        a, cache = cache
        return Linear.backward(dout.masked_fill(a < 0, 0), cache)
