# legal: a whole script with data loading, training, plots and tests at the top level; its modules and data are absent
import argparse
import os
import sys

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import datasets, transforms
from tqdm.notebook import tqdm

sys.path.append("..")
from tests_backpropagation import main_test
from utils.data import load_cifar

torch.manual_seed(123)
torch.set_default_dtype(torch.double)
plt.style.use("ggplot")

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
data_path = os.path.join("..", "data")
train_set = datasets.MNIST(data_path, train=True, download=True, transform=transforms.ToTensor())
train_loader = torch.utils.data.DataLoader(train_set, batch_size=64, shuffle=True)


class MyNet(nn.Module):
    def __init__(self, n_l=[2, 3, 2]):
        super().__init__()
        self.L = len(n_l) - 1
        self.n_l = n_l
        self.z = {i: None for i in range(1, self.L + 1)}
        self.a = {i: None for i in range(self.L + 1)}
        self.dL_dw = {i: None for i in range(1, self.L + 1)}
        self.dL_db = {i: None for i in range(1, self.L + 1)}
        self.f = {i: lambda x: torch.tanh(x) for i in range(1, self.L + 1)}
        self.df = {i: lambda x: (1 / (torch.cosh(x) ** 2)) for i in range(1, self.L + 1)}
        self.fc = nn.ModuleDict({str(i): None for i in range(1, self.L + 1)})
        for i in range(1, self.L + 1):
            self.fc[str(i)] = nn.Linear(in_features=n_l[i - 1], out_features=n_l[i])

    def forward(self, x):
        self.a[0] = torch.flatten(x, 1)
        for i in range(1, self.L + 1):
            self.z[i] = self.fc[str(i)](self.a[i - 1])
            self.a[i] = self.f[i](self.z[i])
        return self.a[self.L]


def backpropagation(model, y_true, y_pred):
    model, y_true, y_pred = model.to(device), y_true.to(device), y_pred.to(device)
    with torch.no_grad():
        grad = 2 * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            grad = grad * model.df[l](model.z[l])
            model.dL_dw[l] = grad.T @ model.a[l - 1]
            model.dL_db[l] = grad.squeeze(0)
            grad = grad @ model.fc[str(l)].weight


model = MyNet([2, 3, 2])
main_test(backpropagation, model, verbose=True, data='toy')
model = MyNet([24 * 24, 16, 10])
main_test(backpropagation, model, verbose=False, data='mnist')

optimizer = optim.SGD(model.parameters(), lr=1e-2)
losses = []
for epoch in tqdm(range(30)):
    for imgs, labels in train_loader:
        out = model(imgs)
        loss = nn.functional.cross_entropy(out, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: {losses[-1]:.4f}")

plt.plot(losses)
plt.savefig("losses.png")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    args = parser.parse_args()
    torch.save(model.state_dict(), "model.pt")
