# evidence: autograd caches
# attempt: let torch.autograd.functional.vjp compute everything
import torch


def backpropagation(model, y_true, y_pred):
    layers = range(1, model.L + 1)

    def loss(*parameters):
        a = model.a[0]
        for l in layers:
            a = torch.tanh(a @ parameters[2 * l - 2].T + parameters[2 * l - 1])
        return ((a - y_true) ** 2).sum()

    given = [p.detach() for l in layers for p in (model.fc[str(l)].weight, model.fc[str(l)].bias)]
    with torch.enable_grad():
        gradients = torch.autograd.functional.vjp(loss, tuple(given))[1]
    for l in layers:
        model.dL_dw[l], model.dL_db[l] = gradients[2 * l - 2], gradients[2 * l - 1]
