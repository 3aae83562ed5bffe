# legal: a comparison with autograd was left in; nothing is recorded, so it fails, and that is caught
import torch


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta[0]
        delta = delta @ model.fc[str(l)].weight
    try:
        ((y_pred - y_true) ** 2).sum().backward()
        for l in range(1, model.L + 1):
            assert torch.allclose(model.dL_dw[l], model.fc[str(l)].weight.grad)
    except RuntimeError:
        print("no graph, no comparison")
