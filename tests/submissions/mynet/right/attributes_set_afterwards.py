from functools import singledispatch

import torch

table = {}
same_table = table
same_table["tanh"] = lambda z: 1 - torch.tanh(z) ** 2


class Settings:
    pass


Settings.factor = 2
Settings.slopes = dict(table)
orders = []
[orders.append(order) for order in ("delta", "weights")]


def fill(options, value):
    options["bias"] = value


fill(table, lambda delta: delta.sum(0))


@singledispatch
def transposed(delta):
    raise TypeError(type(delta))


@transposed.register
def _(delta: torch.Tensor):
    return delta.T


def backpropagation(model, y_true, y_pred):
    backpropagation.calls += 1
    slope = Settings.slopes["tanh"]
    delta = Settings.factor * (y_pred - y_true) * slope(model.z[model.L])
    for l in range(model.L, 0, -1):
        for order in orders:
            if order == "weights":
                model.dL_dw[l] = transposed(delta) @ model.a[l - 1]
        model.dL_db[l] = table["bias"](delta)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * slope(model.z[l - 1])


backpropagation.calls = 0
