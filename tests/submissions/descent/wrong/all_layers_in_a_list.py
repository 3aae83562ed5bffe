# expects: q2-network
# mistake: net-layers-not-registered
import torch
import torch.nn as nn

lossfn = nn.MSELoss()

for taille, pas, tours in ((len(datax), 0.05, 100), (1, 0.002, 2), (32, 0.02, 10)):
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for t in range(tours):
        ordre = torch.randperm(len(datax))
        for lot in ordre.split(taille):
            l = lossfn(datax[lot] @ w + b, datay[lot])
            l.backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= pas * p.grad
                    p.grad.zero_()


class Reseau(nn.Module):
    def __init__(self):
        super().__init__()
        # une liste ordinaire : le module ne voit pas ses couches
        self.couches = [nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)]

    def forward(self, x):
        for couche in self.couches:
            x = couche(x)
        return x


def apprendre(reseau):
    optim = torch.optim.SGD(reseau.parameters(), lr=0.05)
    for t in range(100):
        optim.zero_grad()
        lossfn(reseau(datax), datay).backward()
        optim.step()


apprendre(nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1)))
apprendre(Reseau())
