# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
# mistake: loop-hard-coded-two-layers
import torch


def backpropagation(model, y_true, y_pred):
    W2 = model.fc["2"].weight.data

    dz2 = 2 * (y_pred - y_true) * model.df[2](model.z[2])
    model.dL_dw[2] = dz2.T @ model.a[1]
    model.dL_db[2] = dz2[0]

    dz1 = (dz2 @ W2) * model.df[1](model.z[1])
    model.dL_dw[1] = dz1.T @ model.a[0]
    model.dL_db[1] = dz1[0]
