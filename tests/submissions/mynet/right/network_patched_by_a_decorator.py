import torch
from exercise import MyNet
def patch_to(cls):
    def deco(f):
        setattr(cls, f.__name__, f)
        return f
    return deco
@patch_to(MyNet)
def jacobian(self, l):
    return self.df[l](self.z[l])
def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        delta = 2 * (y_pred - y_true) * model.jacobian(model.L)
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.sum(0)
            if l > 1:
                delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])

