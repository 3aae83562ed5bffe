# expects: output-weights output-biases descends
# steps: weight gradient; bias gradient
import torch


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        d = 2 * (y_pred - y_true) * (1 - y_pred ** 2)
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = d.T @ model.a[l - 1]
            model.dL_db[l] = d.flatten()
            if l == model.L:
                model.dL_dw[l] = d.T @ model.a[l - 1] ** 2
                model.dL_db[l] = d.flatten() * model.a[l].flatten()
            if l > 1:
                d = d @ model.fc[str(l)].weight * (1 - model.a[l - 1] ** 2)
