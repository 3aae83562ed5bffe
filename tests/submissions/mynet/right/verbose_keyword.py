# legal: an extra keyword argument, and print inside the function
import torch


def backpropagation(model, y_true, y_pred, verbose=True):
    """
    Computes the gradients of the squared error.

    Parameters
    ----------
    model : MyNet
    y_true, y_pred : tensors of shape (1, n(L))
    verbose : print what is going on
    """
    if verbose:
        print("--- backpropagation ---")
        print("y_true", tuple(y_true.shape), "y_pred", tuple(y_pred.shape))

    with torch.no_grad():
        dL_da = 2 * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            dL_dz = torch.mul(dL_da, model.df[l](model.z[l]))
            model.dL_dw[l] = torch.matmul(torch.transpose(dL_dz, 0, 1), model.a[l - 1])
            model.dL_db[l] = torch.squeeze(dL_dz, 0)
            dL_da = torch.matmul(dL_dz, model.fc[str(l)].weight.data)
            if verbose:
                print("layer %d: |dW| = %.3e" % (l, model.dL_dw[l].norm()))
                print(f"         db = {model.dL_db[l]}")
    return model
