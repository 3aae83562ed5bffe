# legal: trains in a list comprehension; shuffles by scikit-learn; reads the file of data
import torch, numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import shuffle
from sklearn.metrics import mean_squared_error
from torch import nn
import torch.nn.functional as F
data = np.load("diabetes.npz")
from exercise import diabetes
datax, datay, testx, testy = diabetes()

def make_descent(lr):
    w = torch.randn((10, 1), requires_grad=True); b = torch.randn((1,), requires_grad=True)
    def predict(x): return torch.einsum("nd,do->no", x, w) + b
    def update(x, y):
        nonlocal w, b
        l = F.mse_loss(predict(x), y)
        l.backward()
        w, b = (w - lr * w.grad).detach().requires_grad_(), (b - lr * b.grad).detach().requires_grad_()
        return l.item()
    return predict, update

curves = {}
predict, update = make_descent(.1)
curves["batch"] = [update(datax, datay) for _ in range(80)]
predict, update = make_descent(.002)
xs, ys = shuffle(datax, datay)
curves["sgd"] = [update(x.unsqueeze(0), y.unsqueeze(0)) for x, y in zip(xs[:150], ys[:150])]
predict, update = make_descent(.02)
curves["mini"] = [update(x, y) for x, y in zip(torch.chunk(datax, 20), torch.chunk(datay, 20))]
print(mean_squared_error(testy.numpy(), predict(testx).detach().numpy()))

class Net(nn.Module):
    def __init__(self, in_dim=10, hid=20):
        super().__init__()
        self.in_, self.out = nn.Linear(in_dim, hid), nn.Linear(hid, 1)
        self.sigma = nn.Tanh()
        for m in self.modules():
            if isinstance(m, nn.Linear): nn.init.xavier_normal_(m.weight); nn.init.zeros_(m.bias)
    def forward(self, x): return self.out(self.sigma(self.in_(x)))
nets = [Net(), nn.Sequential(nn.Linear(10, 20), nn.Tanh(), nn.Linear(20, 1))]
opts = [torch.optim.Adam(n.parameters(), lr=.01) for n in nets]
crit = nn.MSELoss()
for epoch in range(60):
    for n, o in zip(nets, opts):
        o.zero_grad()
        loss = crit(n(datax), datay)
        loss.backward()
        o.step()
        with torch.no_grad():
            curves.setdefault(type(n).__name__, []).append(crit(n(testx), testy).item())
