# Caches are dictionaries; every example and every row by itself, with full Jacobians.
import torch


class Attention:
    @staticmethod
    def forward(queries, keys, values):
        cache = {"examples": []}
        outs = []
        for q, k, v in zip(queries, keys, values):
            s = torch.stack([(k @ row) / len(row) ** 0.5 for row in q])
            e = (s - s.max(1, keepdim=True).values).exp()
            p = e / e.sum(1, keepdim=True)
            outs.append(p @ v)
            cache["examples"].append((q, k, v, p))
        return torch.stack(outs), cache

    @staticmethod
    def backward(dout, cache):
        dqs, dks, dvs = [], [], []
        for d, (q, k, v, p) in zip(dout, cache["examples"]):
            dq, dk = torch.zeros_like(q), torch.zeros_like(k)
            for t in range(len(q)):
                jacobian = torch.diag(p[t]) - torch.outer(p[t], p[t])
                ds = jacobian @ (v @ d[t]) / q.shape[1] ** 0.5
                dq[t] = ds @ k
                dk += torch.outer(ds, q[t])
            dqs.append(dq)
            dks.append(dk)
            dvs.append(p.T @ d)
        return torch.stack(dqs), torch.stack(dks), torch.stack(dvs)


class LayerNorm:
    @staticmethod
    def forward(x, gamma, beta):
        rows = x.reshape(-1, x.shape[-1])
        normal = torch.stack([(r - r.mean()) / (r.var(unbiased=False) + 1e-5).sqrt() for r in rows])
        cache = dict(x=x, normal=normal, gamma=gamma)
        return (normal * gamma + beta).reshape(x.shape), cache

    @staticmethod
    def backward(dout, cache):
        x, normal, gamma = cache["x"], cache["normal"], cache["gamma"]
        D = x.shape[-1]
        d = dout.reshape(-1, D)
        dx = []
        for r, n, g in zip(x.reshape(-1, D), normal, d * gamma):
            std = (r.var(unbiased=False) + 1e-5).sqrt()
            centre = torch.eye(D, dtype=x.dtype) - 1.0 / D
            jacobian = (centre - torch.outer(n, n) / D) / std
            dx.append(jacobian @ g)
        return torch.stack(dx).reshape(x.shape), (d * normal).sum(0), d.sum(0)


class Embedding:
    @staticmethod
    def forward(ids, weight):
        return torch.stack([torch.stack([weight[i] for i in row]) for row in ids]), {"ids": ids, "rows": len(weight)}

    @staticmethod
    def backward(dout, cache):
        dweight = torch.zeros(cache["rows"], dout.shape[-1], dtype=dout.dtype)
        for row, d in zip(cache["ids"], dout):
            for i, each in zip(row, d):
                dweight[i] += each
        return dweight


class GELU:
    @staticmethod
    def forward(x):
        return x * torch.special.ndtr(x), {"x": x}

    @staticmethod
    def backward(dout, cache):
        x = cache["x"]
        return dout * torch.special.ndtr(x) + dout * x * (-0.5 * x**2).exp() / (2 * torch.pi) ** 0.5


class CrossEntropy:
    @staticmethod
    def forward(logits, labels):
        probabilities = torch.stack([(row - row.max()).exp() / (row - row.max()).exp().sum() for row in logits])
        loss = sum(-p[c].log() for p, c in zip(probabilities, labels)) / len(labels)
        return loss, {"p": probabilities, "y": labels}

    @staticmethod
    def backward(dloss, cache):
        onehot = torch.nn.functional.one_hot(cache["y"], cache["p"].shape[1])
        return dloss * (cache["p"] - onehot) / len(onehot)
