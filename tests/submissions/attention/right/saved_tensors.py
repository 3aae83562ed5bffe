import math

import torch
from torch.autograd import Function


class Attention(Function):
    @staticmethod
    def forward(ctx, q, k, v):
        scale = 1 / math.sqrt(q.shape[-1])
        p = torch.softmax(q @ k.transpose(-2, -1) * scale, dim=-1)
        ctx.save_for_backward(q, k, v, p)
        ctx.scale = scale
        return p @ v

    @staticmethod
    def backward(ctx, dout):
        q, k, v, p = ctx.saved_tensors
        dv = p.transpose(-2, -1) @ dout
        dp = dout @ v.transpose(-2, -1)
        ds = p * (dp - (dp * p).sum(dim=-1, keepdim=True))
        ds = ds * ctx.scale
        dq = ds @ k
        dk = ds.transpose(-2, -1) @ q
        return dq, dk, dv


class LayerNorm(Function):
    @staticmethod
    def forward(ctx, x, gamma, beta):
        mean = x.mean(dim=-1, keepdim=True)
        var = x.var(dim=-1, keepdim=True, unbiased=False)
        inv = 1 / torch.sqrt(var + 1e-5)
        xhat = (x - mean) * inv
        ctx.save_for_backward(xhat, inv, gamma)
        return gamma * xhat + beta

    @staticmethod
    def backward(ctx, dout):
        xhat, inv, gamma = ctx.saved_tensors
        axes = tuple(range(dout.dim() - 1))
        dgamma = (dout * xhat).sum(dim=axes)
        dbeta = dout.sum(dim=axes)
        g = dout * gamma
        dx = inv * (g - g.mean(dim=-1, keepdim=True) - xhat * (g * xhat).mean(dim=-1, keepdim=True))
        return dx, dgamma, dbeta


class Embedding(Function):
    @staticmethod
    def forward(ctx, ids, weight):
        ctx.save_for_backward(ids)
        ctx.shape = weight.shape
        return weight[ids]

    @staticmethod
    def backward(ctx, dout):
        (ids,) = ctx.saved_tensors
        dweight = torch.zeros(ctx.shape, dtype=dout.dtype)
        dweight.index_add_(0, ids.reshape(-1), dout.reshape(-1, ctx.shape[1]))
        return None, dweight


class GELU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))

    @staticmethod
    def backward(ctx, dout):
        (x,) = ctx.saved_tensors
        cdf = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
        pdf = torch.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
        return dout * (cdf + x * pdf)


class CrossEntropy(Function):
    @staticmethod
    def forward(ctx, logits, labels):
        logp = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        ctx.save_for_backward(logp, labels)
        return -logp[torch.arange(len(labels)), labels].mean()

    @staticmethod
    def backward(ctx, dloss):
        logp, labels = ctx.saved_tensors
        grad = logp.exp()
        grad[torch.arange(len(labels)), labels] -= 1
        return dloss * grad / len(labels), None
