from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class MSE(Function):
    @staticmethod
    def forward(ctx, yhat: Tensor, y: Tensor) -> Tensor:
        residual = yhat - y
        ctx.save_for_backward(residual)
        return torch.einsum("np,np->p", residual, residual) / residual.shape[0]

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        (residual,) = ctx.saved_tensors
        grad = torch.einsum("np,p->np", residual, grad_output) * (2 / residual.shape[0])
        return grad, -grad


class Linear(Function):
    @staticmethod
    def forward(ctx, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(x, w)
        return torch.einsum("nd,dp->np", x, w) + b

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, w = ctx.saved_tensors
        return (
            torch.einsum("np,dp->nd", grad_output, w),
            torch.einsum("nd,np->dp", x, grad_output),
            torch.einsum("np->p", grad_output),
        )


class Tanh(Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        a = torch.tanh(x)
        ctx.save_for_backward(a)
        return a

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_tensors
        return torch.addcmul(grad_output, -a * a, grad_output)


class ReLU(Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        a = torch.nn.functional.relu(x)
        ctx.save_for_backward(a)
        return a

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_tensors
        return grad_output * (a > 0)
