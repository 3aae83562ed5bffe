import torch
def backpropagation(model, y_true, y_pred):
    """Store dL/dW[l] in model.dL_dw[l]."""
    with torch.no_grad():
        pass  # your derivation

def fast(model, y_true, y_pred):
    with torch.no_grad():
        delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
        for l in range(model.L, 0, -1):
            model.dL_dw[l] = delta.T @ model.a[l - 1]
            model.dL_db[l] = delta.sum(0)
            if l > 1:
                delta = (delta @ model.fc[str(l)].weight) * model.df[l - 1](model.z[l - 1])


VERSIONS = {"fast": fast}
backpropagation = VERSIONS["fast"]
