# outcome: raised
# mistake: syntax-error
import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
	model.dL_db[l] = delta.sum(0)
