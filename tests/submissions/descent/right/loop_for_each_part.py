# TME 2
import torch
import torch.nn as nn
import matplotlib.pyplot as plt
from tqdm import tqdm
datax, datay = datax.float(), datay.float()
eps = 0.02
couts = []

w = torch.nn.Parameter(torch.zeros(10, 1)); b = torch.nn.Parameter(torch.zeros(1))
for i in tqdm(range(200)):
    loss = torch.mean((datax.mm(w) + b - datay)**2)
    loss.backward()
    couts.append(loss.item())
    w.data = w.data - eps*w.grad
    b.data = b.data - eps*b.grad
    w.grad.data.zero_(); b.grad.data.zero_()
plt.plot(couts)

# stochastique
w = torch.nn.Parameter(torch.zeros(10, 1)); b = torch.nn.Parameter(torch.zeros(1))
for i in tqdm(range(500)):
    k = torch.randint(0, len(datax), (1,))
    loss = torch.mean((datax[k].mm(w) + b - datay[k])**2)
    loss.backward()
    w.data = w.data - eps/10*w.grad
    b.data = b.data - eps/10*b.grad
    w.grad.data.zero_(); b.grad.data.zero_()

# mini-batch
w = torch.nn.Parameter(torch.zeros(10, 1)); b = torch.nn.Parameter(torch.zeros(1))
for i in tqdm(range(300)):
    k = torch.randint(0, len(datax), (30,))
    loss = torch.mean((datax[k].mm(w) + b - datay[k])**2)
    loss.backward()
    w.data = w.data - eps*w.grad
    b.data = b.data - eps*b.grad
    w.grad.data.zero_(); b.grad.data.zero_()

# question 2
lin1, tanh, lin2, MSE = nn.Linear(10, 6), nn.Tanh(), nn.Linear(6, 1), nn.MSELoss()
optim = torch.optim.Adam([*lin1.parameters(), *lin2.parameters()], lr=0.01)
for i in range(150):
    loss = MSE(lin2(tanh(lin1(datax))), datay)
    optim.zero_grad()
    loss.backward()
    optim.step()

reseau = nn.Sequential(nn.Linear(10, 6), nn.Tanh(), nn.Linear(6, 1))
optim = torch.optim.Adam(reseau.parameters(), lr=0.01)
for i in range(150):
    loss = MSE(reseau(datax), datay)
    optim.zero_grad()
    loss.backward()
    optim.step()
