# legal: a dataclass as helper object, and annotations that are not evaluated
from __future__ import annotations

from dataclasses import dataclass, field

import torch


@dataclass
class Layer:
    """One layer as backpropagation sees it."""

    index: int
    a_prev: torch.Tensor
    z: torch.Tensor
    weight: torch.Tensor
    delta: torch.Tensor | None = field(default=None, repr=False)

    def receive(self, upstream: torch.Tensor, df) -> torch.Tensor:
        self.delta = upstream * df(self.z)
        return self.delta @ self.weight

    @property
    def grads(self) -> tuple[torch.Tensor, torch.Tensor]:
        return self.delta.T @ self.a_prev, self.delta.squeeze(0)


def backpropagation(model: MyNet, y_true: torch.Tensor, y_pred: torch.Tensor) -> None:
    upstream = 2 * (y_pred - y_true)
    for l in range(model.L, 0, -1):
        layer = Layer(l, model.a[l - 1], model.z[l], model.fc[str(l)].weight)
        upstream = layer.receive(upstream, model.df[l])
        model.dL_dw[l], model.dL_db[l] = layer.grads
