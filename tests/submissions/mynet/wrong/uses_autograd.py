# expects: output-weights output-biases hidden-weights hidden-biases descends untouched repeatable
# mistake: autograd-called
import torch


def backpropagation(model, y_true, y_pred):
    for p in model.parameters():
        p.requires_grad_(True)
    out = model(model.a[0].detach())
    loss = ((out - y_true) ** 2).sum()
    params = list(model.parameters())
    grads = torch.autograd.grad(loss, params)
    for l in range(1, model.L + 1):
        model.dL_dw[l] = grads[2 * (l - 1)]
        model.dL_db[l] = grads[2 * (l - 1) + 1]
