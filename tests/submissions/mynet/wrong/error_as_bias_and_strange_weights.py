# expects: output-weights output-biases hidden-weights hidden-biases
# steps: weight gradient; bias gradient
import torch

def backpropagation(model, y_true, y_pred):
    with torch.no_grad():

        e = 2 * (y_pred - y_true)
        for l in range(model.L, 0, -1):
            d = e * model.df[l](model.z[l])
            model.dL_dw[l] = d.T @ (model.a[l-1] - model.a[l-1].mean())
            model.dL_db[l] = e.squeeze(0)
            e = d @ model.fc[str(l)].weight
