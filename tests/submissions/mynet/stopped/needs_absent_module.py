# outcome: raised
import torch
from my_helpers import d_loss, through_layer


def backpropagation(model, y_true, y_pred):
    d = d_loss(y_true, y_pred)
    for l in range(model.L, 0, -1):
        d = through_layer(model, l, d)
