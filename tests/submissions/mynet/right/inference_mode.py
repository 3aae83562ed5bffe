# legal: computed under torch.inference_mode
import torch


@torch.inference_mode()
def backpropagation(model, y_true, y_pred):
    delta = (2 * y_pred - 2 * y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = torch.kron(delta.T, model.a[l - 1])
        model.dL_db[l] = delta.squeeze(0)
        if l > 1:
            delta = torch.nn.functional.linear(delta, model.fc[str(l)].weight.T) * model.df[l - 1](model.z[l - 1])
