# legal: a table of derivatives that is filled by calls at the top level (update, append), and read by the function
import torch

derivatives = {}
derivatives["identity"] = lambda z: torch.ones_like(z)
derivatives.update(tanh=lambda z: 1 - torch.tanh(z) ** 2)
derivatives.update(relu=lambda z: (z > 0).double())

order = []
order.append("weights")
order.append("biases")


def backpropagation(model, y_true, y_pred):
    df = derivatives["tanh"]
    delta = 2 * (y_pred - y_true) * df(model.z[model.L])
    for l in range(model.L, 0, -1):
        for what in order:
            if what == "weights":
                model.dL_dw[l] = delta.T @ model.a[l - 1]
            else:
                model.dL_db[l] = delta.sum(0)
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * df(model.z[l - 1])
