# legal: a flag at the top that the function reads; a loop of tests further down uses the same name
import torch
from tests_backpropagation import main_test

verbose = False


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        if verbose:
            print(l, delta)
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.squeeze(0)
        if l > 1:
            delta = delta @ model.fc[str(l)].weight * model.df[l - 1](model.z[l - 1])


for verbose in (False, True):
    main_test(backpropagation, MyNet([2, 3, 2]), verbose=verbose, data="toy")
