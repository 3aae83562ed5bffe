# outcome: too-much-output
import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    l = model.L
    while l > 0:
        print("*" * 80)
        print("layer", l, "of", model.L, "-" * 400)
        if l == 1:
            l = 1
        else:
            l -= 1
