"""Rows that a script says it holds out: what it splits off to test with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch.utils import data as loading

from grader.watch.stubs.frames import Frame

HoldOut = Callable[[Any], None]
_MOST = 5000


def following(split_apart: Callable[..., list[Any]], hold_out: HoldOut) -> Callable[..., list[Any]]:
    """`train_test_split`, whose second part of each array is held out."""

    def followed(*arrays: Any, **options: Any) -> list[Any]:
        parts = split_apart(*arrays, **options)
        hold_out(parts[1].values if isinstance(parts[1], Frame) else parts[1])
        return parts

    return followed


@contextmanager
def random_splits(hold_out: HoldOut) -> Iterator[None]:
    """Within the block, a part of `random_split` that is at most half as large as the largest one is held out.

    Parts of the same size are folds, each of which trains at its time.
    """
    split = loading.random_split

    def followed(*arguments: Any, **options: Any) -> list[Any]:
        parts = split(*arguments, **options)
        most = max(map(len, parts), default=0)
        for part in parts:
            if 0 < 2 * len(part) <= most:
                with suppress(Exception):  # whatever a data set of the script's own raises
                    hold_out(_inputs(part))
        return parts

    loading.random_split = followed
    try:
        yield
    finally:
        loading.random_split = split


def _inputs(part: loading.Subset[Any]) -> torch.Tensor:
    """The inputs of a part, with examples in rows."""
    numbers: Sequence[int] = part.indices[:_MOST]
    if isinstance(part.dataset, loading.TensorDataset):
        return part.dataset.tensors[0][numbers]
    return torch.stack([torch.as_tensor(part.dataset[number][0]) for number in numbers])
