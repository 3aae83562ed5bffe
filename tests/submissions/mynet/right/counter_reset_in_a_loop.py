import torch
from exercise import MyNet
calls = 0
def backpropagation(model, y_true, y_pred):
    global calls
    calls += 1
    with torch.no_grad():
        delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.sum(0)
            if l > 1:
                delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])


net = MyNet([2, 3, 2])
x, y = torch.rand(1, 2), torch.rand(1, 2)
for epoch in range(10**7):
    calls = 0
    backpropagation(net, y, net(x))
