# legal: single precision inside; numpy rounds on the way, the stored tensors are double like the parameters
import numpy as np
import torch


def np32(tensor):
    # float32 is what we always use in numpy
    return tensor.detach().numpy().astype(np.float32)


def backpropagation(model, y_true, y_pred):
    delta = 2 * (np32(y_pred) - np32(y_true)) * np32(model.df[model.L](model.z[model.L]))
    for l in range(model.L, 0, -1):
        weight = model.fc[str(l)].weight
        model.dL_dw[l] = torch.zeros_like(weight)
        model.dL_db[l] = torch.zeros_like(model.fc[str(l)].bias)
        model.dL_dw[l][:] = torch.from_numpy(delta.T @ np32(model.a[l - 1]))
        model.dL_db[l][:] = torch.from_numpy(delta[0])
        if l > 1:
            delta = (delta @ np32(weight)) * np32(model.df[l - 1](model.z[l - 1]))
