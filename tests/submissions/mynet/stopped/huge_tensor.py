# outcome: out-of-memory
import torch


def backpropagation(model, y_true, y_pred):
    n = model.n_l[0]
    # one block for every pair of weights
    big = torch.zeros(n * 10 ** 5, n * 10 ** 5)
    big[0, 0] = y_pred[0, 0]
    model.dL_dw[1] = big[: model.n_l[1], :n]
