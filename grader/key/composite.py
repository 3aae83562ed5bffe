"""What operations go through that are made of others: a submission computes it step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

_AXES = 2


def steps(name: str, x: str, args: Sequence[Any], y: str) -> Iterator[tuple[str, Tensor]]:
    """The values within an operation, by name; nothing for one that is no composition.

    Args:
        name: that of the operation; `x` and `y` are what its first operand and its result are called.
    """
    if name in ("softmax", "log_softmax", "cross_entropy") and args[0].ndim == _AXES:
        labels = args[1] if name == "cross_entropy" and isinstance(args[1], Tensor) else None
        yield from _softmax(x, args[0].detach(), labels)
    elif name in ("sigmoid", "tanh") and isinstance(args[0], Tensor):
        yield from _squashed(x, args[0].detach(), y, is_sigmoid=name == "sigmoid")


def _softmax(x: str, value: Tensor, labels: Tensor | None) -> Iterator[tuple[str, Tensor]]:
    """Along the last axis; with labels, what the gradient of the cross-entropy is made of."""
    p = torch.softmax(value, -1)
    yield f"softmax({x})", p
    yield f"log softmax({x})", p.log()
    for text, shifted in ((f"{x} − max", value - value.max(-1, keepdim=True).values), (x, value)):
        yield text, shifted
        yield f"exp({text})", shifted.exp()
        yield f"Σ exp({text})", shifted.exp().sum(-1)
        yield f"log Σ exp({text})", shifted.exp().sum(-1).log()
    if labels is not None and labels.ndim == 1:
        rows = torch.arange(len(labels))
        hot = torch.nn.functional.one_hot(labels.long(), value.shape[-1]).to(value.dtype)
        yield "one-hot", hot
        yield f"softmax({x}) − one-hot", p - hot
        yield f"softmax({x}) at the labels", p[rows, labels.long()]
        yield f"log softmax({x}) at the labels", p.log()[rows, labels.long()]


def _squashed(x: str, value: Tensor, y: str, *, is_sigmoid: bool) -> Iterator[tuple[str, Tensor]]:
    made = torch.sigmoid(value) if is_sigmoid else torch.tanh(value)
    yield f"{y}²" if " " not in y else f"({y})²", made * made
    yield f"1 − {y}", 1 - made
    if is_sigmoid:
        yield f"exp(−{x})", (-value).exp()
        yield f"1 + exp(−{x})", 1 + (-value).exp()
