# legal: a decorator of its own, nested functions, constants at the top of the file
import functools
import time

import torch

POWER = 2            # exponent of the error
FIRST_LAYER = 1
TIMES = []


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        TIMES.append(time.perf_counter() - start)
        return result
    return wrapper


@timed
@torch.no_grad()
def backpropagation(model, y_true, y_pred):

    def error():
        return POWER * (y_pred - y_true) ** (POWER - 1)

    def store(l, delta):
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta.flatten()

    def walk():
        nonlocal e
        for l in range(model.L, FIRST_LAYER - 1, -1):
            delta = e * model.df[l](model.z[l])
            store(l, delta)
            e = delta @ model.fc[str(l)].weight

    e = error()
    walk()
