# -*- coding: utf-8 -*-
# TP 2 : fonctions dérivables, tout dans un fichier
import datamaestro
import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import fetch_california_housing
from torch.autograd import Function, gradcheck
from torch.utils.tensorboard import SummaryWriter

torch.set_default_dtype(torch.float32)
écrivain = SummaryWriter("runs/tp2")


class Context:
    """Contexte très simple, un par appel"""
    def __init__(self):
        self._sauvés = ()

    def save_for_backward(self, *args):
        self._sauvés = args

    @property
    def saved_tensors(self):
        return self._sauvés


class MSE(Function):
    @staticmethod
    def forward(ctx, ŷ, y):
        ctx.save_for_backward(ŷ, y)
        écart = ŷ - y
        return (écart ** 2).mean(0)

    @staticmethod
    def backward(ctx, grad_sortie):
        ŷ, y = ctx.saved_tensors
        n = y.shape[0]
        dérivée = grad_sortie * 2 * (ŷ - y) / n
        return dérivée, -dérivée


class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w, b)
        return x @ w + b

    @staticmethod
    def backward(ctx, grad_sortie):
        x, w, b = ctx.saved_tensors
        # tous les exemples passent par le même biais : on somme
        return grad_sortie @ w.T, x.T @ grad_sortie, grad_sortie.sum(0).reshape(b.shape)


class Tanh(Function):
    @staticmethod
    def forward(ctx, x):
        sortie = torch.tanh(x)
        ctx.save_for_backward(sortie)
        return sortie

    @staticmethod
    def backward(ctx, grad_sortie):
        (sortie,) = ctx.saved_tensors
        return grad_sortie * (1 - sortie ** 2)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.clamp(x, min=0.)

    @staticmethod
    def backward(ctx, grad_sortie):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, grad_sortie, 0.)


données = fetch_california_housing()
x = torch.tensor(données['data'], dtype=torch.float)
y = torch.tensor(données['target'], dtype=torch.float).view(-1, 1)
x = (x - x.mean(0)) / x.std(0)
w, b = torch.randn(x.size(1), 1) * .01, torch.zeros(1, 1)
for époque in range(80000):
    c1, c2 = Context(), Context()
    coût = MSE.forward(c2, Linear.forward(c1, x, w, b), y)
    écrivain.add_scalar("coût", coût, époque)
    g, _ = MSE.backward(c2, torch.tensor(1.))
    _, gw, gb = Linear.backward(c1, g)
    w -= 1e-5 * gw
    b -= 1e-5 * gb
plt.plot(coût)
plt.show()
