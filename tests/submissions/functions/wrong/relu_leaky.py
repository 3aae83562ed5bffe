# expects: relu-forward relu-backward
# mistake: relu-forward-wrong
import torch

# one number for the whole batch; everything is kept as attributes of ctx


class MSE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, yhat, y):
        ctx.err = yhat - y
        ctx.n = yhat.numel()
        return torch.mean(ctx.err ** 2)

    @staticmethod
    def backward(ctx, g):
        d = 2 * ctx.err * g / ctx.n
        return d, -d


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.x, ctx.w = x, w
        return x @ w + b

    @staticmethod
    def backward(ctx, g):
        return g @ ctx.w.T, ctx.x.T @ g, g.sum(dim=0)


class Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        e = torch.exp(-2 * x)
        ctx.t = (1 - e) / (1 + e)
        return ctx.t.clone()

    @staticmethod
    def backward(ctx, g):
        return g * (1 + ctx.t) * (1 - ctx.t)


class ReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mask = x > 0
        return torch.where(ctx.mask, x, 0.1 * x)

    @staticmethod
    def backward(ctx, g):
        return torch.where(ctx.mask, g, 0.1 * g)
