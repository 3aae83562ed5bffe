# remark: still held what an earlier update had used
import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return 1 - torch.tanh(x) ** 2


def loss(v, t):
    return ((v - t) ** 2).sum()


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = w1.mv(x) + b1
    x1 = sigma(s1)
    s2 = w2.mv(x1) + b2
    return x, s1, x1, s2, sigma(s2)


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    d2 = dloss(x2, t) * dsigma(s2)
    d1 = w2.t().mv(d2) * dsigma(s1)
    dl_dw2.add_(d2.view(-1, 1) @ x1.view(1, -1))
    dl_db2.add_(d2)
    dl_dw1.add_(d1.view(-1, 1) @ x.view(1, -1))
    dl_db1.add_(d1)


def main():
    x, t = torch.randn(30, 6), 0.5 * torch.randn(30, 3)
    params = [0.3 * torch.randn(5, 6), torch.zeros(5), 0.3 * torch.randn(3, 5), torch.zeros(3)]
    grads = [torch.zeros_like(p) for p in params]
    step = 0
    while step < 500:
        for row in range(30):
            backward_pass(*params, t[row], *forward_pass(*params, x[row]), *grads)
        params = [p - 1e-3 * g for p, g in zip(params, grads)]
        step += 1


if __name__ == "__main__":
    main()
