# outcome: out-of-memory
# attempt: store a view of one number that claims to be 80 GB
import torch


def backpropagation(model, y_true, y_pred):
    for l in range(1, model.L + 1):
        model.dL_dw[l] = torch.zeros(1, dtype=torch.float64).expand(10**10)
