from itertools import cycle

import matplotlib.pyplot as plt
import torch
from alive_progress import alive_it
from rich.progress import track
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from tqdm.auto import tqdm

from exercise import diabetes

datax, datay, testx, testy = diabetes()
scaler = StandardScaler()
datax = torch.from_numpy(scaler.fit_transform(datax)).float()
testx = torch.from_numpy(scaler.transform(testx)).float()
print(scaler.inverse_transform(datax)[0], MinMaxScaler().fit_transform(datax).max())
rows, left = train_test_split(list(range(len(datax))), train_size=0.9)
assert len(rows) == 318 and len(left) == 35
colors = plt.rcParams["axes.prop_cycle"].by_key()["color"]
turns = cycle(colors)


def descent(size, lr, epochs, color):
    w, b = torch.zeros(10, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for epoch in tqdm(iterable=range(epochs)):
        for x, y in DataLoader(table, size, shuffle=True):
            loss = ((x @ w + b - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for parameter in (w, b):
                    parameter -= lr * parameter.grad
                    parameter.grad = None
        tqdm.write(f"{epoch}: {loss:.3f}")
    plt.plot([0, 1], color=color, label=next(turns))


table = TensorDataset(datax, datay)
for train, _ in KFold(3, shuffle=True).split(datax):
    for x, y in DataLoader(Subset(table, train.tolist()), 50):
        assert x.shape == (len(y), 10)
for i, (size, lr, epochs) in enumerate([(353, 0.1, 40), (1, 0.002, 1), (30, 0.02, 5)]):
    descent(size, lr, epochs, colors[i % len(colors)])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(10, 6), nn.Linear(6, 1)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


for net in (Net(), nn.Sequential(nn.Linear(10, 6), nn.Tanh(), nn.Linear(6, 1))):
    optimiser, criterion = torch.optim.SGD(net.parameters(), 0.05), nn.MSELoss()
    for _ in track(range(40)) if isinstance(net, Net) else alive_it(range(40)):
        optimiser.zero_grad()
        criterion(net(datax), datay).backward()
        optimiser.step()
