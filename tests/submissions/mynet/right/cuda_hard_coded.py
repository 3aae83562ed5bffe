# legal: written for a graphics card; without one it is to be run on the processor
import torch

device = "cuda"


def backpropagation(model, y_true, y_pred):
    y_true = y_true.to(device)
    y_pred = y_pred.to(device)
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](model.z[l].cuda())
        model.dL_dw[l] = delta.T @ model.a[l - 1].cuda()
        model.dL_db[l] = delta[0]
        delta = delta @ model.fc[str(l)].weight.data.cuda()
