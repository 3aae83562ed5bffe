# %% [markdown]
# TP2
# %%
import numpy as np, torch, random
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset, DataLoader, random_split
from exercise import diabetes

def set_seed(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)
set_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

datax, datay, testx, testy = [t.to(device) for t in diabetes()]

scaler = StandardScaler().fit(datax.numpy())
datax = torch.tensor(scaler.transform(datax.numpy()), dtype=torch.float32)
testx = torch.tensor(scaler.transform(testx.numpy()), dtype=torch.float32)

full = TensorDataset(datax, datay)
n_val = int(0.2 * len(full))
train_set, val_set = random_split(full, [len(full) - n_val, n_val], generator=torch.Generator().manual_seed(1))

def get_xy(subset):
    xs, ys = zip(*[subset[i] for i in range(len(subset))])
    return torch.stack(xs), torch.stack(ys)

# Question 1 : on utilise toutes les donnees d'entrainement
def gd(bs, lr, epochs):
    w = torch.empty(10, 1).normal_(0, 0.01).requires_grad_(True)
    b = torch.zeros(1).requires_grad_(True)
    loader = DataLoader(full, batch_size=bs, shuffle=True)
    hist = []
    for ep in range(epochs):
        for x, y in loader:
            loss = torch.nn.functional.mse_loss(x.mm(w) + b, y)
            gw, gb = torch.autograd.grad(loss, [w, b])
            with torch.no_grad():
                w.sub_(lr * gw)
                b.sub_(lr * gb)
        with torch.no_grad():
            hist.append((((datax.mm(w) + b - datay) ** 2).mean().item(), ((testx.mm(w) + b - testy) ** 2).mean().item()))
    return np.array(hist)

H = {k: gd(*v) for k, v in {"batch": (len(datax), .05, 100), "sgd": (1, 1e-3, 1), "mb": (20, 1e-2, 10)}.items()}
for k, h in H.items():
    print(k, h[-1])

# Question 2 with validation set
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=len(val_set))

class Net(torch.nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.hidden = torch.nn.Linear(n_in, n_hidden)
        self.tanh = torch.nn.Tanh()
        self.output = torch.nn.Linear(n_hidden, 1)
    def forward(self, x):
        x = self.hidden(x)
        x = self.tanh(x)
        x = self.output(x)
        return x

import copy
def run(net):
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    crit = torch.nn.MSELoss(reduction="mean")
    best = (1e9, None)
    for ep in range(20):
        net.train()
        for x, y in train_loader:
            opt.zero_grad()
            crit(net(x), y).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            v = sum(crit(net(x), y).item() for x, y in val_loader) / len(val_loader)
        if v < best[0]:
            best = (v, copy.deepcopy(net.state_dict()))
    net.load_state_dict(best[1])
    with torch.no_grad():
        print("test", crit(net(testx), testy).item())

run(Net(10, 30).to(device))
run(torch.nn.Sequential(torch.nn.Linear(10, 30), torch.nn.Tanh(), torch.nn.Linear(30, 1)).to(device))
