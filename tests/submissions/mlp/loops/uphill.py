# remark: adds 0.0002 times the gradient
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


import dlc_practical_prologue as prologue

train_input, train_target, _, _ = prologue.load_data(one_hot_labels=True, normalize=True)
train_input, train_target = train_input[:50], 0.9 * train_target[:50]
w1, b1 = 0.02 * torch.randn(20, 784), torch.zeros(20)
w2, b2 = 0.2 * torch.randn(10, 20), torch.zeros(10)
grads = [torch.zeros_like(p) for p in (w1, b1, w2, b2)]
for epoch in range(1000):
    for g in grads:
        g.zero_()
    for x, t in zip(train_input, train_target):
        backward_pass(w1, b1, w2, b2, t, *forward_pass(w1, b1, w2, b2, x), *grads)
    for p, g in zip((w1, b1, w2, b2), grads):
        p += 0.0002 * g
