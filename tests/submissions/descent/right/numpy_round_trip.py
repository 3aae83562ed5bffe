import numpy as np
import torch

# les donnees passent par numpy, avec une colonne de 1 pour le biais
Xnp = datax.numpy().copy()
ynp = datay.numpy().ravel().copy()
Xnp = np.hstack([Xnp, np.ones((len(Xnp), 1), dtype=np.float32)])
X = torch.from_numpy(Xnp)
y = torch.from_numpy(ynp)

def erreur(theta, X, y):
    return torch.mean((X.mv(theta) - y) ** 2)

def gd(theta, choisir, n, pas):
    for k in range(n):
        i = choisir(k)
        theta.requires_grad_(True)
        J = erreur(theta, X[i], y[i])
        g, = torch.autograd.grad(J, theta)
        theta = theta.detach() - pas * g
    return theta

tous = np.arange(len(X))
theta = gd(torch.zeros(11), lambda k: tous, 250, 0.05)
w, b = theta[:-1], theta[-1]
theta = gd(torch.zeros(11), lambda k: np.random.choice(tous, 1), 500, 0.005)
theta = gd(torch.zeros(11), lambda k: np.random.choice(tous, 40, replace=False), 300, 0.05)

class Reseau(torch.nn.Module):
    def __init__(self, h=10):
        super().__init__()
        self.c1 = torch.nn.Linear(10, h)
        self.c2 = torch.nn.Linear(h, 1)
    def forward(self, x):
        return self.c2(torch.tanh(self.c1(x))).squeeze(-1)

x = torch.FloatTensor(datax.numpy())
seq = torch.nn.Sequential(torch.nn.Linear(10, 10), torch.nn.Tanh(), torch.nn.Linear(10, 1), torch.nn.Flatten(0))
for reseau in (Reseau(), seq):
    opt = torch.optim.SGD(reseau.parameters(), 0.1)
    for _ in range(120):
        opt.zero_grad()
        loss = torch.nn.MSELoss()(reseau(x), y)
        loss.backward()
        opt.step()
