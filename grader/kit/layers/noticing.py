"""What is worth telling of a layer, whatever its numbers: it changes what it was given, or answers otherwise later.

Courses have code that does so on purpose: gradients that are added up in an object, `dx = dout` and a mask on `dx`.
So it is told, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from grader.kit.layers.calling import Call, again, changed, number_array
from grader.kit.layers.layer import Layer
from grader.wire.facts import Fact

_CLOSE = 1e-5


def noticed(layer: Layer, title: str, names: Mapping[str, Any], done: Call) -> Iterator[Fact]:
    """What is told of a call that came to its end.

    Args:
        title: what the layer is called.
        names: of the submission.
        done: the call; the way back is taken a second time on its objects.
    """
    odd = changed(done, [*layer.drawn, *layer.upstream])
    if odd:
        yield Fact("given-is-changed", {"layer": title, "names": ", ".join(odd)})
    elif not done.errors and not _may_differ(layer):
        first = {name: number_array(done.values.get(name)) for name in layer.gradients}
        kept = {name: array.copy() for name, array in first.items() if array is not None}
        second = again(layer, names, done, _way_back(layer))
        other = [name for name, array in kept.items() if name in second and not _alike(second[name], array)]
        if other:
            yield Fact("second-call-differs", {"layer": title, "names": ", ".join(other)})


def _may_differ(layer: Layer) -> bool:
    """Whether a second way back owes something else.

    Masks are drawn anew, engines and `x.grad` add up, and an object that was asked for another output since keeps that.
    """
    start = _way_back(layer)
    before = {step.place for step in layer.steps[:start] if step.is_call and step.place.path}
    if any(step.place in before for step in layer.steps[start:] if step.is_call):
        return True
    return bool(layer.own_masks) or any(step.is_computed or step.place.path == ("grad",) for step in layer.steps)


def _way_back(layer: Layer) -> int:
    """The first step of it: that which makes what is filled, or is given what arrives; else the last call."""
    begins = [
        number
        for number, step in enumerate(layer.steps)
        if (step.is_made and step.place.root in layer.gradients) or set(step.needs) & layer.upstream.keys()
    ]
    calls = [number for number, step in enumerate(layer.steps) if step.is_call and step.results]
    return min(begins or calls[-1:], default=len(layer.steps))


def _alike(value: Any, first: Any) -> bool:
    second = number_array(value.clone() if isinstance(value, Tensor) else value)
    return (
        second is not None and second.shape == first.shape and np.allclose(second, first, _CLOSE, 1e-8, equal_nan=True)
    )
