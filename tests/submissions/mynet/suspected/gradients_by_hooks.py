# evidence: autograd caches
# attempt: hooks on the pre-activations catch what backward sends by
import torch


def backpropagation(model, y_true, y_pred):
    deltas = {}
    with torch.enable_grad():
        a = model.a[0].clone().requires_grad_(True)
        for l in range(1, model.L + 1):
            z = torch.nn.functional.linear(a, model.fc[str(l)].weight, model.fc[str(l)].bias)
            z.register_hook(lambda g, l=l: deltas.__setitem__(l, g))
            a = model.f[l](z)
        torch.nn.functional.mse_loss(a, y_true, reduction="sum").backward()
    for l in range(1, model.L + 1):
        model.dL_dw[l] = deltas[l].T @ model.a[l - 1]
        model.dL_db[l] = deltas[l].sum(0)
