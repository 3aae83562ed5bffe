# TP2 - AMAL - question 1 et 2
import torch
import torch.nn as nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm
import datamaestro

data = datamaestro.prepare_dataset("edu.uci.boston")
colnames, datax, datay = data.data()
datax = torch.tensor(datax,dtype=torch.float)
datay = torch.tensor(datay,dtype=torch.float).reshape(-1,1)

writer = SummaryWriter()
MSE = lambda yhat,y : torch.mean((yhat-y)**2)

def f(x,w,b):
    return x.mm(w)+b

## batch
w = torch.nn.Parameter(torch.randn(datax.shape[1],1))
b = torch.nn.Parameter(torch.randn(1))
EPS = 1e-2
for i in tqdm(range(300)):
    cout = MSE(f(datax,w,b),datay)
    cout.backward()
    writer.add_scalar('Loss/train', cout, i)
    w.data -= EPS*w.grad.data
    b.data -= EPS*b.grad.data
    w.grad.data.zero_()
    b.grad.data.zero_()
    with torch.no_grad():
        writer.add_scalar('Loss/test', MSE(f(testx,w,b),testy), i)

## stochastique
w = torch.nn.Parameter(torch.randn(datax.shape[1],1))
b = torch.nn.Parameter(torch.randn(1))
for epoch in range(20):
    for i in torch.randperm(len(datax)):
        x, y = datax[i].reshape(1,-1), datay[i].reshape(1,-1)
        MSE(f(x,w,b),y).backward()
        w.data -= 1e-3*w.grad.data
        b.data -= 1e-3*b.grad.data
        w.grad.data.zero_()
        b.grad.data.zero_()

## mini-batch
w = torch.nn.Parameter(torch.randn(datax.shape[1],1))
b = torch.nn.Parameter(torch.randn(1))
taille = 20
for epoch in range(50):
    perm = torch.randperm(len(datax))
    for k in range(0, len(datax), taille):
        idx = perm[k:k+taille]
        MSE(f(datax[idx],w,b),datay[idx]).backward()
        w.data -= 1e-2*w.grad.data
        b.data -= 1e-2*b.grad.data
        w.grad.data.zero_()
        b.grad.data.zero_()

# question 2
l1 = nn.Linear(10,5); t = nn.Tanh(); l2 = nn.Linear(5,1); mse = nn.MSELoss()
optim = torch.optim.SGD(list(l1.parameters())+list(l2.parameters()),lr=0.05)
optim.zero_grad()
for i in range(300):
    loss = mse(l2(t(l1(datax))),datay)
    loss.backward()
    optim.step()
    optim.zero_grad()

net = nn.Sequential(nn.Linear(10,5), nn.Tanh(), nn.Linear(5,1))
optim = torch.optim.SGD(net.parameters(),lr=0.05)
for i in range(300):
    loss = mse(net(datax),datay)
    optim.zero_grad()
    loss.backward()
    optim.step()
