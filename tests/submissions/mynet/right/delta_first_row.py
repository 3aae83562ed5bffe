# legal: the bias gradient taken as delta[0], weights read through .data
import torch
from torch import nn

torch.manual_seed(123)
torch.set_default_dtype(torch.double)


def backpropagation(model, y_true, y_pred):
  """Fills model.dL_dw and model.dL_db, layer by layer, from the output."""
  l = model.L
  delta = (y_pred - y_true) * 2 * model.df[l](model.z[l])
  while l >= 1:
    model.dL_db[l] = delta[0]
    model.dL_dw[l] = delta[0].unsqueeze(1) * model.a[l-1]
    if l > 1:
      w = model.fc[str(l)].weight.data
      delta = (delta @ w) * model.df[l-1](model.z[l-1])
    l -= 1
