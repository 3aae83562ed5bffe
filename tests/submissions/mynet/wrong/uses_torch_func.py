# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
import torch
from torch.func import functional_call, grad


def backpropagation(model, y_true, y_pred):
    x = model.a[0]
    params = {name: p.detach() for name, p in model.named_parameters()}

    def loss(p):
        return ((functional_call(model, p, (x,)) - y_true) ** 2).sum()

    grads = grad(loss)(params)
    for l in range(1, model.L + 1):
        model.dL_dw[l] = grads[f"fc.{l}.weight"]
        model.dL_db[l] = grads[f"fc.{l}.bias"]
