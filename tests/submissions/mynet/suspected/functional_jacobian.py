# evidence: autograd caches
# attempt: let torch.autograd.functional.jacobian compute everything
import torch
from torch.autograd.functional import jacobian


def backpropagation(model, y_true, y_pred):
    with torch.enable_grad():
        for k in range(1, model.L + 1):
            def loss(w, b):
                a = model.a[k - 1]
                for l in range(k, model.L + 1):
                    weight, bias = (w, b) if l == k else (model.fc[str(l)].weight, model.fc[str(l)].bias)
                    a = torch.tanh(a @ weight.T + bias)
                return ((a - y_true) ** 2).sum()

            model.dL_dw[k], model.dL_db[k] = jacobian(loss, (model.fc[str(k)].weight.data, model.fc[str(k)].bias.data))
