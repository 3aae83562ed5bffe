# legal: in-place operations on tensors of its own; the buffers that it stored are filled again by the next call
import torch

_buffers = {}


def buffer(key, shape):
    if key not in _buffers or _buffers[key].shape != shape:
        _buffers[key] = torch.empty(shape, dtype=torch.double)
    return _buffers[key]


@torch.no_grad()
def backpropagation(model, y_true, y_pred):
    delta = y_pred.clone().sub_(y_true).mul_(2)
    for l in range(model.L, 0, -1):
        delta.mul_(model.df[l](model.z[l]))
        layer = model.fc[str(l)]
        dw = buffer(("w", l), layer.weight.shape)
        db = buffer(("b", l), layer.bias.shape)
        torch.mm(delta.t(), model.a[l - 1], out=dw)
        db.copy_(delta.view(-1))
        model.dL_dw[l], model.dL_db[l] = dw, db
        delta = torch.mm(delta, layer.weight)
