# KFold cross validation, then early stopping on validation set
import torch, copy
import numpy as np
import torch.nn as nn
from torch.utils.data import *
from exercise import diabetes
datax, datay, testx, testy = diabetes()

dataset = TensorDataset(datax, datay)
testset = TensorDataset(testx, testy)

# --- Q1
def run(loader, lr, nb):
    w = torch.randn(datax.shape[1], datay.shape[1]).requires_grad_()
    b = torch.zeros(1, requires_grad=True)
    hist = {"train": [], "test": []}
    for _ in range(nb):
        s = 0
        for x, y in loader:
            pred = torch.add(torch.matmul(x, w), b)
            loss = torch.mean(torch.square(torch.sub(pred, y)))
            if w.grad is not None: w.grad.zero_()
            if b.grad is not None: b.grad.zero_()
            loss.backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
            s += loss.item()
        hist["train"].append(s / len(loader))
        with torch.no_grad():
            t = 0
            for x, y in DataLoader(testset, batch_size=16):
                t += ((x @ w + b - y) ** 2).sum().item()
            hist["test"].append(t / len(testset))
    return hist

hb = run(DataLoader(dataset, batch_size=len(dataset)), 5e-2, 50)
hs = run(DataLoader(dataset, shuffle=True), 1e-3, 2)
hm = run(DataLoader(dataset, batch_size=64, shuffle=True, drop_last=True), 1e-2, 20)

# --- Q2
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.lin1 = nn.Linear(10, hidden)
        self.act = nn.Tanh()
        self.lin2 = nn.Linear(hidden, 1)
    def forward(self, x):
        return self.lin2(self.act(self.lin1(x)))

def build_seq(hidden):
    return nn.Sequential(nn.Linear(10, hidden), nn.Tanh(), nn.Linear(hidden, 1))

def train(net, train_loader, val_loader, lr=1e-2, max_epochs=8, patience=3):
    crit = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    best, best_sd, bad = np.inf, None, 0
    for epoch in range(max_epochs):
        net.train()
        for x, y in train_loader:
            opt.zero_grad()
            loss = crit(net(x), y)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            v = np.mean([crit(net(x), y).item() for x, y in val_loader])
        if v < best:
            best, best_sd, bad = v, copy.deepcopy(net.state_dict()), 0
        else:
            bad += 1
        if bad > patience:
            break
    net.load_state_dict(best_sd)
    return best

K = 3
folds = np.array_split(np.random.permutation(len(datax)), K)
for build in (Net, build_seq):
    res = {}
    for hidden in (5, 20):
        scores = []
        for k in range(K):
            val = folds[k]
            tr = np.concatenate([folds[j] for j in range(K) if j != k])
            tl = DataLoader(Subset(dataset, tr), batch_size=32, shuffle=True)
            vl = DataLoader(Subset(dataset, val), batch_size=32)
            scores.append(train(build(hidden), tl, vl))
        res[hidden] = np.mean(scores)
    print(res)
    h = min(res, key=res.get)
    final = build(h)
    a, c = random_split(dataset, (0.9, 0.1))
    train(final, DataLoader(a, 32, True), DataLoader(c, 32))
    print("test MSE", nn.functional.mse_loss(final(testx), testy).item())
