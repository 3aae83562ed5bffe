# expects: hidden-weights hidden-biases descends
# mistake: back-weights-reshaped
import torch


def backpropagation(model, y_true, y_pred):
    delta = (2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])).T
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta @ model.a[l - 1]
        model.dL_db[l] = delta.view(-1)
        if l > 1:
            W = model.fc[str(l)].weight
            Wt = W.reshape(W.shape[1], W.shape[0])      # transpose, so that the shapes match
            delta = (Wt @ delta) * model.df[l - 1](model.z[l - 1]).T
