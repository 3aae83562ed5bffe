# expects: hidden-weights hidden-biases
# mistake: loop-only-output-layer
import torch


def backpropagation(model, y_true, y_pred):
    """The hidden layers are still to come."""
    l = model.L
    delta = 2 * (y_pred - y_true) * model.df[l](model.z[l])
    model.dL_dw[l] = torch.outer(delta[0], model.a[l - 1][0])
    model.dL_db[l] = delta[0]
