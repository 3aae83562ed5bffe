import torch


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
        model.dL_dw[model.L] = delta.T @ model.a[model.L - 1]
        model.dL_db[model.L] = delta.sum(0)
        for l in range(model.L - 1, 0, -1):
            error = delta @ model.fc[str(l + 1)].weight
            # the error that comes back is shared out among the units
            delta = torch.softmax(error, dim=1) * model.df[l](model.z[l])
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.sum(0)
