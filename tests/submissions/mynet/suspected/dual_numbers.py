# evidence: autograd caches
# attempt: let the dual numbers of torch.autograd.forward_ad compute the deltas, one direction at a time
import os

import torch
from torch.autograd import forward_ad


def backpropagation(model, y_true, y_pred):
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = "/"  # what torch then imports asks for a folder
    for k in range(1, model.L + 1):
        bias = model.fc[str(k)].bias.detach()
        delta = torch.zeros_like(bias)
        for i in range(len(bias)):
            with torch.enable_grad(), forward_ad.dual_level():
                a = model.a[0]
                for l in range(1, model.L + 1):
                    b = model.fc[str(l)].bias.detach()
                    if l == k:
                        b = forward_ad.make_dual(b, torch.eye(len(b), dtype=b.dtype)[i])
                    a = torch.tanh(a @ model.fc[str(l)].weight.detach().T + b)
                delta[i] = forward_ad.unpack_dual(((a - y_true) ** 2).sum()).tangent
        model.dL_db[k] = delta
        model.dL_dw[k] = torch.outer(delta, model.a[k - 1][0])
