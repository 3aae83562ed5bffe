import numpy as np
import torch
from torch.autograd import Function


def to_np(t):
    return t.detach().cpu().numpy()


class MSE(Function):
    @staticmethod
    def forward(ctx, yhat, y):
        a, b = to_np(yhat), to_np(y)
        ctx.diff = a - b
        return torch.as_tensor(np.mean((a - b) ** 2, axis=0))

    @staticmethod
    def backward(ctx, grad_output):
        g = to_np(grad_output)
        d = 2.0 * ctx.diff / ctx.diff.shape[0] * g
        return torch.from_numpy(d), torch.from_numpy(-d)


class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return torch.from_numpy(np.dot(to_np(x), to_np(w)) + to_np(b))

    @staticmethod
    def backward(ctx, grad_output):
        x, w = (to_np(t) for t in ctx.saved_tensors)
        g = to_np(grad_output)
        return tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in (g.dot(w.T), x.T.dot(g), g.sum(axis=0)))


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.out = np.tanh(to_np(x))
        return torch.from_numpy(ctx.out.copy())

    @staticmethod
    def backward(ctx, grad_output):
        return torch.from_numpy(to_np(grad_output) * (1.0 - ctx.out ** 2))


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.pos = to_np(x) > 0
        return torch.from_numpy(np.maximum(to_np(x), 0))

    @staticmethod
    def backward(ctx, grad_output):
        return torch.from_numpy(np.where(ctx.pos, to_np(grad_output), 0).astype(to_np(grad_output).dtype))
