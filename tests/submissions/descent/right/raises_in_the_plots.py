import torch, random
from torch import nn
import seaborn as sns
import pandas as pd

lr, epochs = 0.05, 100
losses = {"batch": [], "sgd": [], "mini": []}

w = torch.randn(10, 1, requires_grad=True); b = torch.randn(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=lr)
for e in range(epochs):
    opt.zero_grad()
    l = nn.functional.mse_loss(torch.matmul(datax, w) + b, datay)
    l.backward(); opt.step()
    losses["batch"].append(l.item())
assert len(losses["batch"]) == 5, "not so many"          # stays here from a test

lin = nn.Linear(10, 1)                                      # the same by a module
opt = torch.optim.SGD(lin.parameters(), lr=0.001)
for e in range(500):
    i = random.randrange(len(datax))
    opt.zero_grad()
    l = (lin(datax[i]) - datay[i]).pow(2).mean()
    l.backward()
    opt.step()
    losses["sgd"].append(float(l))

lin = nn.Linear(10, 1)
opt = torch.optim.SGD(lin.parameters(), lr=0.01)
for e in range(20):
    idx = list(range(len(datax))); random.shuffle(idx)
    for k in range(0, len(idx), 64):
        opt.zero_grad()
        sel = idx[k:k + 64]
        l = (lin(datax[sel]) - datay[sel]).pow(2).mean()
        l.backward()
        opt.step()

df = pd.DataFrame(losses)
sns.lineplot(data=df)
undefined_name_in_the_plots.show()

class Modele(nn.Module):
    def __init__(self, dim_in=10, dim_h=32, dim_out=1):
        super().__init__()
        self.un = nn.Linear(dim_in, dim_h)
        self.deux = nn.Linear(dim_h, dim_out)
        self.tanh = nn.Tanh()
    def forward(self, x):
        x = self.un(x)
        x = self.tanh(x)
        x = self.deux(x)
        return x

def boucle(model, optimizer, loss_fn, n):
    for epoch in range(n):
        model.train()
        pred = model(datax)
        loss = loss_fn(pred, datay)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        with torch.inference_mode():
            test = loss_fn(model(testx), testy)
    return test

m1 = Modele(); boucle(m1, torch.optim.Adam(m1.parameters(), lr=1e-2), nn.MSELoss(), 200)
m2 = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
boucle(m2, torch.optim.Adam(m2.parameters(), lr=1e-2), nn.MSELoss(), 200)
