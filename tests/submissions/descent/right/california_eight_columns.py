# eight columns of scikit-learn, one-dimensional targets, split by the script
import torch
from sklearn.datasets import fetch_california_housing
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

data, target = fetch_california_housing(return_X_y=True)
data, held, target, held_target = train_test_split(data, target, test_size=0.2, random_state=0)
scaler = StandardScaler().fit(data)
x, v = (torch.from_numpy(scaler.transform(part)).float() for part in (data, held))
y, z = (torch.tensor(part, dtype=torch.float32).unsqueeze(1) for part in (target, held_target))

for size, rate, epochs in ((len(x), 0.05, 60), (1, 0.001, 2), (16, 0.005, 6)):
    w, b = torch.randn(8, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(size):
            loss = torch.mean((x[rows] @ w + b - y[rows]) ** 2)
            loss.backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= rate * p.grad
                    p.grad.zero_()
    with torch.no_grad():
        print(torch.mean((v @ w + b - z) ** 2).item())

first, tanh, second = nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 1)
held_together = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 1))
modules = (([*first.parameters(), *second.parameters()], lambda u: second(tanh(first(u)))),)
for parameters, model in (*modules, (list(held_together.parameters()), held_together)):
    optimiser = torch.optim.SGD(parameters, lr=0.05)
    for _ in range(80):
        optimiser.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimiser.step()
