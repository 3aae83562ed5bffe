# expects: output-weights output-biases hidden-weights hidden-biases descends
# mistake: store-returned-not-stored
import torch


def backpropagation(model, y_true, y_pred):
    dL_dw, dL_db = {}, {}
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        dL_dw[l] = d.T @ model.a[l - 1]
        dL_db[l] = d[0]
        d = d @ model.fc[str(l)].weight
    return dL_dw, dL_db
