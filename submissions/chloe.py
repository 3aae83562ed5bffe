import torch


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        for layer in range(model.L, 0, -1):
            if layer == model.L:
                # derivative of the loss, as a column
                dz = 2 * (y_pred - y_true).T
            else:
                dh = model.fc[str(layer + 1)].weight.T @ dz
                dz = dh * model.df[layer](model.z[layer]).T
            model.dL_dw[layer] = dz @ model.a[layer - 1]
            model.dL_db[layer] = dz.T[0]
