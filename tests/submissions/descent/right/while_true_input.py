import time
import torch
import torch.nn as nn
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import fetch_california_housing
from sklearn.model_selection import train_test_split

california = fetch_california_housing()
datax, datay = torch.tensor(california.data).float(), torch.tensor(california.target).float().view(-1, 1)

eps = float(input("learning rate? ") or 0.03)
fig, axes = plt.subplots(1, 2, figsize=(10, 4))
ax1, ax2 = axes

def train(size):
    torch.manual_seed(42)
    w = torch.randn(10, 1, requires_grad=True)
    b = torch.randn(1, requires_grad=True)
    costs, last = [], 1e9
    step = eps if size > 1 else eps / 10
    while True:
        order = np.random.permutation(len(datax))
        for start in range(0, len(order), size):
            rows = order[start:start + size]
            c = ((datax[rows] @ w + b - datay[rows]) ** 2).mean()
            c.backward()
            for p in (w, b):
                p.data.add_(p.grad, alpha=-step)
                p.grad = None
        costs.append(c.item())
        if abs(last - c.item()) < 1e-9:
            break
        last = c.item()
    ax1.plot(costs, label=str(size))
    return w, b

if __name__ == "__main__":
    for size in (len(datax), 1, 25):
        w, b = train(size)
        print("w", w.shape)
        time.sleep(3)
    plt.legend()
    plt.savefig("curves.png")

    class MLP(nn.Module):
        def __init__(self, d, h):
            nn.Module.__init__(self)
            self.fc1 = nn.Linear(d, h)
            self.fc2 = nn.Linear(h, 1)
            self.tanh = nn.Tanh()

        def forward(self, x):
            return self.fc2(self.tanh(self.fc1(x)))

    criterion = nn.MSELoss()
    for model in (MLP(10, 8), nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 50, gamma=0.5)
        epoch = 0
        while True:
            optimizer.zero_grad(set_to_none=True)
            output = model(datax)
            loss = criterion(output, datay)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            epoch += 1
            if epoch > 10000:
                break
        model.eval()
        with torch.no_grad():
            print("test", criterion(model(testx), testy).item())
        torch.save(model.state_dict(), "model.pt")
