# expects: hidden-weights hidden-biases untouched
# mistake: back-uses-updated-weights side-effect-updates-weights
import torch


def backpropagation(model, y_true, y_pred, lr=0.01):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        model.dL_dw[l] = d.T @ model.a[l - 1]
        model.dL_db[l] = d[0]
        # oppdaterer vektene
        model.fc[str(l)].weight.data -= lr * model.dL_dw[l]
        model.fc[str(l)].bias.data -= lr * model.dL_db[l]
        d = d @ model.fc[str(l)].weight.data
