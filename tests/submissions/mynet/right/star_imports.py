# legal: star imports, one of them of a module that is not there
from numpy import *
from torch import *
from torch.nn import *
from tests_backpropagation import *

set_default_dtype(double)
manual_seed(123)


def backpropagation(model, y_true, y_pred):
    with no_grad():
        l = model.L
        delta = mul(2 * (y_pred - y_true), 1 - square(tanh(model.z[l])))
        while l > 0:
            model.dL_dw[l] = matmul(transpose(delta, 0, 1), model.a[l - 1])
            model.dL_db[l] = flatten(delta)
            if l > 1:
                delta = matmul(delta, model.fc[str(l)].weight) * (1 - square(tanh(model.z[l - 1])))
            l = l - 1


main_test(backpropagation, MyNet([2, 3, 2]), verbose=False, data='toy')
