# expects: untouched
# mistake: side-effect-updates-weights
import torch

lr = 1e-9


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        d = 2 * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            d = d * model.df[l](model.z[l])
            model.dL_dw[l] = d.T @ model.a[l - 1]
            model.dL_db[l] = d[0]
            d = d @ model.fc[str(l)].weight

        # the test says "check that weights have been updated"
        for l in range(1, model.L + 1):
            model.fc[str(l)].weight -= lr * model.dL_dw[l]
            model.fc[str(l)].bias -= lr * model.dL_db[l]
