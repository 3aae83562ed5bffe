import torch
from exercise import MyNet
cache = {}
def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        cache[0] = delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = cache[0].T @ model.a[l - 1]
            model.dL_db[l] = cache[0].sum(0)
            if l > 1:
                cache[0] = (cache[0] @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])
def main():
    cache.clear()
    print('x' * 30_000_000)
    net = MyNet([2, 3, 2])
    opt = torch.optim.SGD(net.parameters(), 0.1)
    for i in range(50):
        x, y = torch.rand(1, 2), torch.rand(1, 2)
        ((net(x) - y) ** 2).sum().backward()
        opt.step()
        cache.clear()
    torch.autograd.gradcheck(lambda t: t * 2, torch.rand(3, dtype=torch.double, requires_grad=True))
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
main()
print(cache)
