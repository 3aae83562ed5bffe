# legal: the arguments stand in another order, which their names tell; target first in the loss
import torch


def sigma(s):
    return torch.tanh(s)


def dsigma(s):
    return 1 - torch.tanh(s)**2


def loss(target, pred):
    return ((target - pred)**2).sum()


def dloss(target, pred):
    return 2*(pred - target)


def forward_pass(x, w1, b1, w2, b2):
    s1 = w1 @ x + b1
    x1 = sigma(s1)
    s2 = w2 @ x1 + b2
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(x, target, s1, x1, s2, x2, w1, w2, b1, b2, grad_dw1, grad_dw2, grad_db1, grad_db2):
    delta2 = dloss(target, x2)*dsigma(s2)
    delta1 = (delta2 @ w2)*dsigma(s1)
    grad_dw2 += torch.outer(delta2, x1)
    grad_db2 += delta2
    grad_dw1 += torch.outer(delta1, x)
    grad_db1 += delta1
