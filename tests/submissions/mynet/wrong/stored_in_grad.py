# expects: output-weights output-biases hidden-weights hidden-biases descends
# mistake: store-in-grad-attribute
import torch


def backpropagation(model, y_true, y_pred):
    d = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        d = d * model.df[l](model.z[l])
        # as loss.backward() does
        model.fc[str(l)].weight.grad = d.T @ model.a[l - 1]
        model.fc[str(l)].bias.grad = d[0]
        d = d @ model.fc[str(l)].weight
