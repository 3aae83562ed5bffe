import torch


def sigma(x):
    return torch.tanh(x)


def dsigma(x):
    return torch.cosh(x).pow(-2)


def loss(v, t):
    return torch.norm(t - v) ** 2


def dloss(v, t):
    return 2 * (v - t)


def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.mm(w1, x) + b1.view(-1, 1)
    x1 = sigma(s1)
    s2 = torch.mm(w2, x1) + b2.view(-1, 1)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    grad_s2 = dloss(x2, t) * dsigma(s2)
    grad_x1 = torch.mm(w2.t(), grad_s2)
    grad_s1 = grad_x1 * dsigma(s1)
    dl_dw2.add_(torch.mm(grad_s2, x1.t()))
    dl_db2.add_(grad_s2.view(-1))
    dl_dw1.add_(torch.mm(grad_s1, x.t()))
    dl_db1.add_(grad_s1.view(-1))
