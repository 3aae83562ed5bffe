# legal: .data, .detach() and .clone() wherever one can think of them
import torch


def backpropagation(model, y_true, y_pred):
    target = y_true.data.clone().detach()
    output = y_pred.detach().clone().data
    layers = list(range(1, model.L + 1))

    delta = 2 * (output - target)
    for l in layers[::-1]:
        z_l = model.z[l].detach().clone()
        a_prev = model.a[l - 1].data
        delta = delta * model.df[l](z_l).detach()
        model.dL_dw[l] = torch.matmul(delta.T, a_prev).detach().clone()
        model.dL_db[l] = delta.detach().clone()[0].data
        W = dict(model.named_parameters())[f"fc.{l}.weight"].data.clone()
        delta = torch.matmul(delta, W)
