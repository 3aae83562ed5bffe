# outcome: raised
import torch

sizes = [2, 3, 2]
first = sizes[3]


def backpropagation(model, y_true, y_pred):
    model.dL_db[model.L] = torch.zeros(first)
