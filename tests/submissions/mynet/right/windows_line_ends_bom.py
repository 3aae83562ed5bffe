# legal: saved on Windows, with CR LF at the end of lines and a byte order mark at the beginning
import torch


def backpropagation(model, y_true, y_pred):
    """Backpropagation for MyNet

    δ[L] = 2 (ŷ - y) ∘ f'(z[L]),   δ[l] = δ[l+1] W[l+1] ∘ f'(z[l])
    """
    δ = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = δ.T @ model.a[l - 1]
        model.dL_db[l] = δ.squeeze(0)
        if l > 1:
            δ = δ @ model.fc[str(l)].weight \
                * model.df[l - 1](model.z[l - 1])
