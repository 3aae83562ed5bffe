# legal: isinstance and an annotation that need MyNet, which is imported from a module that is not handed in
from typing import Optional

import torch
from torch import Tensor

from my_net import MyNet
from tests_backpropagation import main_test


def backpropagation(model: MyNet, y_true: Tensor, y_pred: Tensor, check: Optional[bool] = True) -> None:
    if check:
        assert isinstance(model, MyNet), "model must be a MyNet"
        assert y_true.shape == y_pred.shape == (1, model.n_l[-1]), "one example at a time"

    upstream: Tensor = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        delta = upstream * model.df[l](model.z[l])
        model.dL_dw[l] = delta.T @ model.a[l - 1]
        model.dL_db[l] = delta[0, :]
        upstream = delta @ model.fc[str(l)].weight.detach()


if __name__ == "__main__":
    main_test(backpropagation, MyNet([2, 3, 2]), verbose=True, data="toy")
