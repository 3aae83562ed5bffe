# expects: hidden-weights hidden-biases repeatable
# mistake: back-weights-not-transposed
import torch


def backpropagation(model, y_true, y_pred):
    delta = (2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])).T
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta @ model.a[l - 1]
        model.dL_db[l] = delta[:, 0]
        if l > 1:
            # back through the weights
            delta = torch.matmul(model.fc[str(l)].weight, delta) * model.df[l - 1](model.z[l - 1]).T
