# légal : des noms qui n'ont rien à voir, et des réseaux définis après la couche
import torch
from torch import nn
import torch.nn.functional as F
from torch.autograd import Function


class Redresseur(Function):
    """La fonction de redressement."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = x.clone()
        y[y < 0] = 0
        return y

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        d = torch.zeros_like(x)
        d[x >= 0] = 1
        return g * d


class CoucheRedresseur(nn.Module):

    def forward(self, x):
        return Redresseur.apply(x)


class Net2(nn.Module):
    def __init__(self):
        super(Net2, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 2)
        self.couche1 = CoucheRedresseur()
        self.couche2 = CoucheRedresseur()

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 16 * 5 * 5)
        x = self.couche1(self.fc1(x))
        x = self.couche2(self.fc2(x))
        return self.fc3(x)


class Comparaison(nn.Module):
    """Un réseau sans la couche, pour comparer."""

    def __init__(self):
        super().__init__()
        self.lineaire = nn.Linear(1, 1)

    def forward(self, x):
        return self.lineaire(x)
