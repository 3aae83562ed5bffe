import argparse
import os
from pathlib import Path
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torch.utils.tensorboard import SummaryWriter


class Housing(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __len__(self):
        return len(self.x)
    def __getitem__(self, i):
        return self.x[i], self.y[i]


class TwoLayer(nn.Module):
    def __init__(self, n_in: int, n_hidden: int):
        super().__init__()
        self.net = nn.ModuleDict({"in": nn.Linear(n_in, n_hidden), "out": nn.Linear(n_hidden, 1)})
    def forward(self, x):
        return self.net["out"](torch.tanh(self.net["in"](x)))


def load():
    import pandas as pd
    frame = pd.read_csv("housing.csv", sep=",")
    datax, datay = torch.tensor(frame.values[:, :-1]).float(), torch.tensor(frame.values[:, -1:]).float()
    return datax, datay


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    Path("logs").mkdir(exist_ok=True)
    os.makedirs("out", exist_ok=True)
    writer = SummaryWriter(log_dir="logs")
    datax, datay = load()
    dataset = Housing(datax, datay)
    with open("out/log.txt", "w") as log:
        for batch_size in (353, 1, 50):
            w = torch.randn(10, 1).requires_grad_()
            b = torch.randn(1).requires_grad_()
            lr = 0.002 if batch_size == 1 else 0.03
            for epoch in range(args.epochs):
                for x, y in DataLoader(dataset, batch_size, shuffle=True, num_workers=2):
                    loss = torch.mean(torch.square(y - (x @ w + b)))
                    w.grad = b.grad = None
                    loss.backward()
                    with torch.no_grad():
                        w.copy_(w - lr * w.grad)
                        b.copy_(b - lr * b.grad)
                print(epoch, loss.item(), file=log)
                writer.add_scalar(f"train/{batch_size}", loss.item(), epoch)
    for model in (TwoLayer(10, 16), nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))):
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1, nesterov=True, momentum=0.5)
        criterion = nn.MSELoss()
        for epoch in range(args.epochs):
            for x, y in DataLoader(dataset, 50, shuffle=True):
                optimiser.zero_grad()
                criterion(model(x), y).backward()
                optimiser.step()

    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.l1, self.l2 = nn.Linear(10, 4), nn.Linear(4, 1)
        def forward(self, x):
            return self.l2(torch.tanh(self.l1(x)))
    model = Own()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(args.epochs):
        optimiser.zero_grad()
        criterion(model(datax), datay).backward()
        optimiser.step()


if __name__ == "__main__":
    main()
