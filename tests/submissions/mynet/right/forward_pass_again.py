# legal: does not trust model.z, and runs the forward pass again on a net of its own with the same weights
import torch


def backpropagation(model, y_true, y_pred):
    net = MyNet(model.n_l)
    net.load_state_dict(model.state_dict())
    net(model.a[0])

    delta = 2 * (net.a[net.L] - y_true) * net.df[net.L](net.z[net.L])
    for l in range(net.L, 0, -1):
        model.dL_dw[l] = (delta.T @ net.a[l - 1]).detach()
        model.dL_db[l] = delta.squeeze(0).detach()
        if l > 1:
            delta = delta @ net.fc[str(l)].weight * net.df[l - 1](net.z[l - 1])
