"""Rows that a script says it holds out: what it splits off to test with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.watch.stubs.frames import Frame

HoldOut = Callable[[Any], None]


def following(split_apart: Callable[..., list[Any]], hold_out: HoldOut) -> Callable[..., list[Any]]:
    """`train_test_split`, whose second part of each array is held out."""

    def followed(*arrays: Any, **options: Any) -> list[Any]:
        parts = split_apart(*arrays, **options)
        hold_out(parts[1].values if isinstance(parts[1], Frame) else parts[1])
        return parts

    return followed
