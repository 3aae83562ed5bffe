# outcome: returned
# attempt: store arrays without entries that have a long axis, which is no interference with the channel
import torch


def backpropagation(model, y_true, y_pred):
    for l in range(1, model.L + 1):
        model.dL_dw[l] = torch.zeros(5000, 0)
        model.dL_db[l] = torch.zeros(0, 5000)
