import torch
from torch import einsum


class Linear:
    @staticmethod
    def forward(x, w, b):
        return torch.addmm(b, x.flatten(1), w), {"x": x, "w": w}

    @staticmethod
    def backward(dout, cache):
        x, w = cache["x"], cache["w"]
        return (
            einsum("nm,dm->nd", dout, w).view_as(x),
            einsum("nd,nm->dm", x.flatten(1), dout),
            einsum("nm->m", dout),
        )


class ReLU:
    @staticmethod
    def forward(x):
        mask = (x > 0).to(x.dtype)
        return x * mask, mask

    @staticmethod
    def backward(dout, mask):
        return dout * mask


class Linear_ReLU:
    @staticmethod
    def forward(x, w, b):
        a, first = Linear.forward(x, w, b)
        out, second = ReLU.forward(a)
        return out, [first, second]

    @staticmethod
    def backward(dout, cache):
        return Linear.backward(ReLU.backward(dout, cache[1]), cache[0])


class Conv:
    @staticmethod
    def forward(x, w, b, conv_param):
        s, p = conv_param["stride"], conv_param["pad"]
        columns = torch.nn.functional.unfold(x, w.shape[2:], padding=p, stride=s)
        rows = (x.shape[2] + 2 * p - w.shape[2]) // s + 1
        out = einsum("fk,nkl->nfl", w.flatten(1), columns) + b[:, None]
        return out.unflatten(2, (rows, -1)), (x.shape, columns, w, s, p)

    @staticmethod
    def backward(dout, cache):
        shape, columns, w, s, p = cache
        g = dout.flatten(2)
        dcolumns = einsum("fk,nfl->nkl", w.flatten(1), g)
        dx = torch.nn.functional.fold(dcolumns, shape[2:], w.shape[2:], padding=p, stride=s)
        return dx, einsum("nfl,nkl->fk", g, columns).view_as(w), g.sum((0, 2))


class MaxPool:
    @staticmethod
    def forward(x, pool_param):
        h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        views = x.unfold(2, h, s).unfold(3, w, s)
        return views.amax((-1, -2)), (x, h, w, s)

    @staticmethod
    def backward(dout, cache):
        x, h, w, s = cache
        dx = torch.zeros_like(x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part = (..., slice(i * s, i * s + h), slice(j * s, j * s + w))
                top = x[part].amax((-1, -2), keepdim=True)
                dx[part] += (x[part] == top) * dout[..., i, j][..., None, None]
        return dx


class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        if bn_param["mode"] == "test":
            return gamma * (x - bn_param["running_mean"]) * (bn_param["running_var"] + eps).rsqrt() + beta, None
        mean, var = x.mean(0), x.var(0, unbiased=False)
        for name, new in (("running_mean", mean), ("running_var", var)):
            bn_param[name] = momentum * bn_param.get(name, torch.zeros_like(new)) + (1 - momentum) * new
        inv = (var + eps).rsqrt()
        return torch.addcmul(beta, gamma, (x - mean) * inv), ((x - mean) * inv, inv, gamma)

    @staticmethod
    def backward(dout, cache):
        xhat, inv, gamma = cache
        g = dout * gamma
        n = len(g)
        project = torch.eye(n, dtype=g.dtype) - 1 / n
        dx = torch.stack([inv[d] * (project - torch.outer(xhat[:, d], xhat[:, d]) / n) @ g[:, d] for d in range(g.shape[1])], 1)
        return dx, einsum("nd,nd->d", dout, xhat), dout.sum(0)

    @staticmethod
    def backward_alt(dout, cache):
        xhat, inv, gamma = cache
        g = dout * gamma
        return inv * (g - g.mean(0) - xhat * (g * xhat).mean(0)), (dout * xhat).sum(0), dout.sum(0)
