"""What is worth telling of two passes besides their numbers: the order of results, gradients of batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from grader.kit.layouts import fits
from grader.wire.facts import Fact

Gradients = Mapping[str, Any]
_CLOSE, _TINY = 1e-4, 1e-6


def another_order(call: str, returned: Sequence[Any], expected: Mapping[str, torch.Tensor]) -> Fact | None:
    """What a call returned, where it is all that is asked for, in another order."""
    names = list(expected)
    found = [next((name for name in names if is_same(value, expected[name])), None) for value in returned]
    if found == names or set(found) != set(names):
        return None
    told = ", ".join(name for name in found if name)
    return Fact("returned-in-another-order", {"call": call, "given": told, "wanted": ", ".join(names)})


def wrong_on_batches(call: str, batch: Gradients, each: Callable[[], Sequence[Gradients]]) -> Fact | None:
    """That the gradients of a batch are neither all sums nor all means of those of its examples; None where they are.

    Nothing where the call takes no batch: then the code is not written for one.

    Args:
        batch: the gradients of all examples at once, by name; None for one that is not there.
        each: gives the same for each example alone.
    """
    if any(value is None for value in batch.values()):
        return None
    alone = each()
    if any(value is None for gradients in alone for value in gradients.values()):
        return None
    sums = {name: sum(torch.as_tensor(gradients[name]) for gradients in alone) for name in batch}
    odd = [name for name, value in batch.items() if not is_same(value, sums[name])]
    if not odd or all(is_same(value, sums[name] / len(alone)) for name, value in batch.items()):
        return None
    return Fact("wrong-on-batches", {"call": call, "names": ", ".join(odd), "examples": len(alone)})


def is_same(value: Any, other: Any) -> bool:
    """Whether something holds the numbers of an array, as far as single precision tells; axes of length one aside."""
    other = torch.as_tensor(other)
    if not fits(value, other):
        return False
    own, numbers = (np.asarray(torch.as_tensor(a).detach().double().reshape(-1)) for a in (value, other))
    return bool(np.allclose(own, numbers, _CLOSE, _TINY))
