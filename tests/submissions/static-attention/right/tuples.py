import math

import torch


class Attention(object):
    @staticmethod
    def forward(q, k, v):
        scale = 1.0 / math.sqrt(q.shape[-1])
        scores = q.bmm(k.transpose(1, 2)) * scale
        weights = torch.softmax(scores, dim=-1)
        out = weights.bmm(v)
        return out, (q, k, v, weights, scale)

    @staticmethod
    def backward(dout, cache):
        q, k, v, weights, scale = cache
        dv = weights.transpose(1, 2).bmm(dout)
        dweights = dout.bmm(v.transpose(1, 2))
        dscores = weights * (dweights - (dweights * weights).sum(dim=-1, keepdim=True))
        dq = dscores.bmm(k) * scale
        dk = dscores.transpose(1, 2).bmm(q) * scale
        return dq, dk, dv


class LayerNorm(object):
    @staticmethod
    def forward(x, gamma, beta):
        mean = x.mean(dim=-1, keepdim=True)
        var = ((x - mean) ** 2).mean(dim=-1, keepdim=True)
        inv = 1.0 / torch.sqrt(var + 1e-5)
        xhat = (x - mean) * inv
        return gamma * xhat + beta, (xhat, inv, gamma)

    @staticmethod
    def backward(dout, cache):
        xhat, inv, gamma = cache
        D = xhat.shape[-1]
        dgamma = (dout * xhat).reshape(-1, D).sum(dim=0)
        dbeta = dout.reshape(-1, D).sum(dim=0)
        dxhat = dout * gamma
        dx = inv / D * (D * dxhat - dxhat.sum(-1, keepdim=True) - xhat * (dxhat * xhat).sum(-1, keepdim=True))
        return dx, dgamma, dbeta


class Embedding(object):
    @staticmethod
    def forward(ids, weight):
        return weight[ids], (ids, weight.shape)

    @staticmethod
    def backward(dout, cache):
        ids, shape = cache
        dweight = torch.zeros(shape, dtype=dout.dtype)
        dweight.index_add_(0, ids.reshape(-1), dout.reshape(-1, shape[1]))
        return dweight


class GELU(object):
    @staticmethod
    def forward(x):
        phi = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
        return x * phi, (x, phi)

    @staticmethod
    def backward(dout, cache):
        x, phi = cache
        density = torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        return dout * (phi + x * density)


class CrossEntropy(object):
    @staticmethod
    def forward(logits, labels):
        N = logits.shape[0]
        logp = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        loss = -logp[torch.arange(N), labels].sum() / N
        return loss, (logp, labels)

    @staticmethod
    def backward(dloss, cache):
        logp, labels = cache
        N = logp.shape[0]
        dlogits = torch.exp(logp)
        dlogits[torch.arange(N), labels] -= 1
        dlogits = dlogits * dloss / N
        return dlogits
