# legal: squeeze() without an axis, so that the bias gradient of a layer of width 1 has no axis at all
import torch


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        # last layer
        L = model.L
        err = 2 * (y_pred - y_true)
        delta = err * model.df[L](model.z[L])

        for l in reversed(range(1, L + 1)):
            model.dL_dw[l] = torch.mm(delta.t(), model.a[l - 1])
            model.dL_db[l] = delta.squeeze()

            if l != 1:
                delta = torch.mm(delta, model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])
