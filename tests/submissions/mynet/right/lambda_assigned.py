# legal: backpropagation is a lambda that is assigned, built from smaller ones
import torch

d_loss = lambda y, yhat: 2 * (yhat - y)
through = lambda model, l, g: g * model.df[l](model.z[l])


def fill(model, g):
    for l in range(model.L, 0, -1):
        g = through(model, l, g)
        model.dL_dw.update({l: g.T @ model.a[l - 1]})
        model.dL_db.update({l: g[0]})
        g = g @ model.fc[str(l)].weight


backpropagation = lambda model, y_true, y_pred: fill(model, d_loss(y_true, y_pred))
