# legal: column vectors as in the lecture; the stored gradients are not contiguous
import torch


def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        # everything as columns: (n, 1)
        y    = y_true.T
        yhat = y_pred.T
        A = {l: model.a[l].T for l in range(0, model.L + 1)}
        Z = {l: model.z[l].T for l in range(1, model.L + 1)}

        dZ = 2 * (yhat - y) * model.df[model.L](Z[model.L])
        for l in range(model.L, 0, -1):
            # (a dZ^T)^T : same thing as dZ a^T
            model.dL_dw[l] = (A[l-1] @ dZ.T).T
            model.dL_db[l] = dZ[:, 0]
            if l > 1:
                W  = model.fc[str(l)].weight.data
                dZ = torch.matmul(W.T, dZ) * model.df[l-1](Z[l-1])
