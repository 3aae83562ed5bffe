# legal: results are written into the given tensors by copy_, by slices, by data
import torch


def sigma(x):
    return torch.sinh(x) / torch.cosh(x)


def dsigma(x):
    return 1 - (torch.sinh(x) / torch.cosh(x)) ** 2


def loss(v, t):
    return torch.nn.functional.mse_loss(v, t, reduction="sum")


def dloss(v, t):
    return 2 * v - 2 * t


def forward_pass(w1, b1, w2, b2, x):
    s1 = torch.nn.functional.linear(x, w1, b1)
    x1 = sigma(s1)
    s2 = torch.nn.functional.linear(x1, w2, b2)
    x2 = sigma(s2)
    return s1, x1, s2, x2


def backward_pass(w1, b1, w2, b2, t, x, s1, x1, s2, x2, dl_dw1, dl_db1, dl_dw2, dl_db2):
    dl_ds2 = (dloss(x2, t) * dsigma(s2)).reshape(-1, 1)
    dl_ds1 = (w2.T @ dl_ds2) * dsigma(s1).reshape(-1, 1)
    dl_dw2.copy_(dl_dw2 + dl_ds2 @ x1.reshape(1, -1))
    dl_db2[:] = dl_db2 + dl_ds2[:, 0]
    dl_dw1.data += dl_ds1 @ x.reshape(1, -1)
    torch.add(dl_db1, dl_ds1.flatten(), out=dl_db1)
