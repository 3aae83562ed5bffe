# expects: output-weights hidden-weights
# mistake: wgrad-transposed
import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = model.a[l - 1].T @ delta
        model.dL_db[l] = delta.flatten()
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])
