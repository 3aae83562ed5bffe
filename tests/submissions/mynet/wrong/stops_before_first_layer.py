# expects: hidden-weights hidden-biases
# mistake: loop-stops-before-layer-1
import torch


def backpropagation(model, y_true, y_pred):
    # sortie
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    model.dL_dw[model.L] = delta.T @ model.a[model.L - 1]
    model.dL_db[model.L] = delta.squeeze(0)
    # couches cachées
    for l in range(model.L - 1, 1, -1):
        delta = (delta @ model.fc[str(l + 1)].weight) * model.df[l](model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.squeeze(0)
