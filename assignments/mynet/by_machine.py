"""What a submission stores that derives nothing: autograd differentiates the network's own forward pass.

Students' own checks get their expected numbers so. Probes for evidence are made so that this and the derivation give
different ones, so whoever hands it in is noticed.
"""

import torch


def submission(exercise, reading):
    """The entry points."""
    return {"backpropagation": backpropagation}


def backpropagation(model, y_true, y_pred):
    """Store the gradients that autograd finds in a forward pass from `model.a[0]`, with the model's own activations."""
    with torch.enable_grad():
        model.requires_grad_(True)
        loss = ((model(model.a[0]) - y_true) ** 2).sum()
        layers = [model.fc[str(l)] for l in range(1, model.L + 1)]
        gradients = torch.autograd.grad(loss, [p for layer in layers for p in (layer.weight, layer.bias)])
    model.requires_grad_(False)
    for l in range(1, model.L + 1):
        model.dL_dw[l], model.dL_db[l] = gradients[2 * l - 2 : 2 * l]
