# expects: output-weights output-biases hidden-weights hidden-biases descends
# mistake: nan
import torch


def backpropagation(model, y_true, y_pred):
    # derivative of the cross-entropy, through the logarithm of the output
    log_p = torch.log(y_pred - 1)
    d = y_true * log_p + 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        model.dL_dw[l] = d.T @ model.a[l - 1]
        model.dL_db[l] = d[0]
        d = d @ model.fc[str(l)].weight
