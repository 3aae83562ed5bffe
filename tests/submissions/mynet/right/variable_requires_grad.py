# legal: old-fashioned Variables that require grad; no gradient is asked of autograd
import torch
from torch.autograd import Variable


def backpropagation(model, y_true, y_pred):
    y_true = Variable(y_true)
    y_pred = Variable(y_pred, requires_grad=True)
    delta = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = delta * model.df[l](Variable(model.z[l]))
        model.dL_dw[l] = delta.t().mm(Variable(model.a[l - 1]))
        model.dL_db[l] = delta.squeeze(0)
        delta = delta.mm(Variable(model.fc[str(l)].weight.data))
