# outcome: timed-out
import torch


def backpropagation(model, y_true, y_pred):
    l = model.L
    d = 2 * (y_pred - y_true)
    while l > 0:
        d = d * model.df[l](model.z[l])
        model.dL_dw[l] = d.T @ model.a[l - 1]
        model.dL_db[l] = d[0]
        # forgot: l -= 1
