"""The derivation of `mynet` as named steps, and a right submission made of them.

One example: rows of shape (1, n). L = sum_j (a[L]_j - y_j)^2, z[l] = a[l-1] W[l]^T + b[l], a[l] = f(z[l]).
e[l] is dL/da[l] and delta[l] is dL/dz[l]. The steps use operators only, so they serve tensors and arrays alike.
"""


def output_error(a, y):
    """e[L] = 2 (a[L] - y): each squared term contributes its own derivative."""
    return 2 * (a - y)


def through_activation(e, z, df):
    """delta[l] = e[l] f'(z[l]), entry by entry: the activation acts on each unit alone."""
    return e * df(z)


def through_weights(delta, weight):
    """e[l-1] = delta[l] W[l]: unit j of layer l-1 reaches every unit k above through W[l]_kj."""
    return delta @ weight


def weight_gradient(delta, a):
    """dL/dW[l] = delta[l]^T a[l-1], summed over the examples; shape (n(l), n(l-1))."""
    return delta.T @ a


def bias_gradient(delta):
    """dL/db[l] = delta[l], summed over the examples; shape (n(l),)."""
    return delta.sum(0)


def backpropagation(model, y_true, y_pred):
    """Store dL/dW[l] in `model.dL_dw[l]` and dL/db[l] in `model.dL_db[l]`, for the sum of squared errors."""
    error = output_error(y_pred, y_true)
    for l in range(model.L, 0, -1):
        delta = through_activation(error, model.z[l], model.df[l])
        model.dL_dw[l] = weight_gradient(delta, model.a[l - 1])
        model.dL_db[l] = bias_gradient(delta)
        error = through_weights(delta, model.fc[str(l)].weight)
