import torch
from torch import nn
torch.manual_seed(7)
# x and y in one table, so that they are shuffled together
table = torch.cat((datax, datay), dim=1)

def pairs(size):
    t = table[torch.randperm(table.size(0))]
    for part in torch.split(t, size):
        yield part[:, :10], part[:, 10:]

def manual_adam(size, epochs, alpha=1e-2, b1=0.9, b2=0.999):
    params = [torch.zeros(10, 1, requires_grad=True), torch.zeros(1, 1, requires_grad=True)]
    m = [torch.zeros_like(p) for p in params]
    v = [torch.zeros_like(p) for p in params]
    t = 0
    for _ in range(epochs):
        for x, y in pairs(size):
            t += 1
            loss = (x @ params[0] + params[1] - y).pow(2).mean()
            grads = torch.autograd.grad(loss, params)
            for k, (p, g) in enumerate(zip(params, grads)):
                m[k] = b1 * m[k] + (1 - b1) * g
                v[k] = b2 * v[k] + (1 - b2) * g * g
                p.data = p.data - alpha * (m[k] / (1 - b1 ** t)) / ((v[k] / (1 - b2 ** t)).sqrt() + 1e-8)
    return params

def two_rates(size, epochs):
    w = torch.zeros(10, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(epochs):
        for x, y in pairs(size):
            loss = torch.nn.functional.mse_loss(x.mm(w).add(b), y)
            loss.backward()
            with torch.no_grad():
                w += -0.001 * w.grad
                b += -0.004 * b.grad
            w.grad.zero_(), b.grad.zero_()
    return w, b

w, b = manual_adam(353, 100)
manual_adam(48, 10)
two_rates(1, 1)

class M(nn.Module):
    def __init__(s, h):
        super().__init__()
        s.linear_1 = nn.Linear(10, h)
        s.linear_2 = nn.Linear(h, 1)
        s.non_linearity = nn.Tanh()
        s.criterion = nn.MSELoss()
    def forward(s, x):
        return s.linear_2(s.non_linearity(s.linear_1(x)))
    def fit(s, epochs=80):
        s.optimizer = torch.optim.Adam(s.parameters(), 0.01)
        for _ in range(epochs):
            for x, y in pairs(100):
                s.optimizer.zero_grad()
                s.criterion(s(x), y).backward()
                s.optimizer.step()
M(9).fit()
model = nn.Sequential()
model.add_module("un", nn.Linear(10, 9)); model.add_module("tanh", nn.Tanh()); model.add_module("deux", nn.Linear(9, 1))
o = torch.optim.SGD([{"params": model.un.parameters(), "lr": 0.1}, {"params": model.deux.parameters()}], lr=0.05)
for _ in range(100):
    l = nn.MSELoss()(model(table[:, :-1]), table[:, -1:])
    o.zero_grad(); l.backward(); o.step()
