# legal: backpropagation is an object that can be called
import torch


class Backpropagation:

    def __init__(self, loss_factor=2.0):
        self.loss_factor = loss_factor
        self.calls = 0

    def __call__(self, model, y_true, y_pred):
        self.calls += 1
        self.model = model
        self.delta = self.loss_factor * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            self.layer(l)

    def layer(self, l):
        m = self.model
        self.delta = self.delta * m.df[l](m.z[l])
        m.dL_dw[l] = self.delta.T @ m.a[l - 1]
        m.dL_db[l] = self.delta[0]
        self.delta = self.delta @ m.fc[str(l)].weight


backpropagation = Backpropagation()
