# expects: output-weights output-biases hidden-weights hidden-biases
# mistake: loss-mean-over-outputs
# steps: bias gradient
import torch

def backpropagation(model, y_true, y_pred):
    with torch.no_grad():

        n = y_pred.numel()
        e = (y_pred - y_true) / n
        for l in reversed(range(1, model.L + 1)):
            d = e * model.df[l](model.z[l])
            model.dL_dw[l] = d.T @ model.a[l-1] * 2
            model.dL_db[l] = d.squeeze(0) * n
            e = d @ model.fc[str(l)].weight
