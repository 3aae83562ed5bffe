"""Take the steps of a layer with the names of a submission, and see what comes back. Untrusted side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grader.kit.calling import Backward, apply, forward
from grader.kit.context import Context
from grader.kit.layers.layer import Layer
from grader.kit.layers.steps import OBJECT, Key, Place, Step
from grader.wire.facts import Fact

Array = NDArray[Any]


@dataclass
class Call:
    """One run through all steps.

    Attributes:
        values: what is known by name: inputs, sizes, results.
        given: copies of what was handed over, to see whether it was changed.
        errors: what steps raised, by step; a step is not taken where something that it needs is missing.
        objections: what is wrong with what came back: a count, a missing name.
        why: of what is missing, by name, the objection that it is missing for.
        ways_back: of what a `torch.autograd.Function` gave, by name, the names of its arguments and the way back.
    """

    values: dict[str, Any]
    given: dict[str, Any] = field(default_factory=dict)
    errors: dict[Step, Exception] = field(default_factory=dict)
    objections: list[Fact] = field(default_factory=list)
    why: dict[str, Fact] = field(default_factory=dict)
    ways_back: dict[str, tuple[list[str], Backward]] = field(default_factory=dict)


class _MissingError(Exception):
    """A step needs what an earlier one did not give."""


def call(
    layer: Layer,
    names: Mapping[str, Any],
    point: Mapping[str, Array],
    upstream: Mapping[str, Array],
    sizes: Mapping[str, int],
    *,
    torch_tensors: bool,
) -> Call:
    """Take all steps, as far as they can be taken; what a step raises keeps only those from being taken that need it.

    Args:
        names: of the submission.
        point: the inputs.
        upstream: the gradient that arrives at each output, by the name of the output.
        torch_tensors: hand over tensors; else numpy arrays.
    """
    hand = _tensor if torch_tensors else _array
    given = {name: hand(value) for name, value in point.items()}
    given |= {name: hand(upstream[result]) for name, result in layer.upstream.items() if result in upstream}
    fixed = {name: domain.value() for name, domain in layer.domains.items() if domain.kind == "fixed"}
    done = Call({**sizes, **fixed, **given}, given={name: hand(value) for name, value in given.items()})
    for step in layer.steps:
        known = len(done.objections)
        try:
            _take(step, names, done)
        except _MissingError:
            pass
        except Exception as error:
            done.errors[step] = error
        _note_why(step, done, done.objections[known:])
    return done


def again(layer: Layer, names: Mapping[str, Any], done: Call, start: int) -> dict[str, Any]:
    """The values after some steps were taken a second time on the objects of a call; none where one of them stops.

    Args:
        start: the number of the first of these steps. The gradients that arrive are new arrays.
    """
    fresh = {name: done.given[name] for name in layer.upstream if name in done.given}
    copies = {name: _tensor(value) if isinstance(value, Tensor) else _array(value) for name, value in fresh.items()}
    second = Call({**done.values, **copies})
    for step in layer.steps[start:]:
        try:
            _take(step, names, second)
        except Exception:  # a cache that was emptied on the way back, for one
            return {}
    return second.values


def _note_why(step: Step, done: Call, objections: Sequence[Fact]) -> None:
    """Of what a step did not give, why: what was found in it, or what an earlier one lacked."""
    before = [done.why[name] for name in (*step.needs, step.place.root) if name in done.why]
    for cause in (*objections, *before)[:1]:
        names = {name for place in step.results for name in (place.last, place.root)}
        done.why |= {name: cause for name in names if name not in done.values}


def changed(done: Call, names: Iterable[str]) -> list[str]:
    """Which of some inputs are no longer what was handed over, to the last bit."""
    return [
        name
        for name in names
        if name in done.given
        and not np.array_equal(_plain(done.values[name]), _plain(done.given[name]), equal_nan=True)
    ]


def number_array(value: Any) -> Array | None:
    """What a submission gave, as an array of numbers; None where it is none."""
    plain = _plain(value)
    try:
        array = np.asarray(plain)
    except (ValueError, TypeError, RuntimeError):
        return None
    return array.astype(np.float64) if array.dtype.kind in "fiub" else None


def _plain(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else value


def _array(value: Any) -> Any:
    array = np.array(_plain(value))
    return array if array.ndim else array.item()


def _tensor(value: Any) -> Any:
    return torch.tensor(_plain(value))


def _take(step: Step, names: Mapping[str, Any], done: Call) -> None:
    missing = [name for name in step.needs if name not in done.values]
    if missing or (step.place.root == OBJECT and not step.is_computed and OBJECT not in done.values):
        raise _MissingError
    if step.is_computed and step.value is not None:
        own = {name: _found(Place(name), names, done) for name in step.value.called}
        _name_results(step, step.value.value({**done.values, **own}), done)
        return
    if step.value is not None:
        _set(step.place, names, done)(step.value.value(done.values))
        return
    target = _found(step.place, names, done)
    if step.arguments is None:
        done.values[step.results[0].last] = target
        return
    arguments = [each.value(done.values) for each in step.arguments]
    keywords = {name: each.value(done.values) for name, each in step.keywords}
    if step.place.path == ("apply",) and len(step.results) == 1 and any(isinstance(a, Tensor) for a in arguments):
        returned = _applied(step, _found(Place(step.place.root), names, done), arguments, done)
    elif step.place.path == ("backward",) and step.place.root in done.ways_back:
        _go_back(done, step.place.root, arguments[0])
        return
    elif step.place.path == ("forward",) and isinstance(arguments[0] if arguments else None, Context):
        returned = forward(_found(Place(step.place.root), names, done), arguments[0], arguments[1:])
    else:
        returned = target(*arguments, **keywords)
    if step.results:
        _name_results(step, returned, done)
    elif returned is not None and step.place.root not in (OBJECT, *done.values):
        done.values[OBJECT] = returned


def _applied(step: Step, function: Any, arguments: Sequence[Any], done: Call) -> Tensor:
    """What a `torch.autograd.Function` gives; how to go back from there is kept."""
    output, backward = apply(function, arguments)
    done.ways_back[step.results[0].root] = [each.name for each in step.arguments or ()], backward
    return output


def _go_back(done: Call, name: str, upstream: Tensor) -> None:
    """Let gradients arrive in the `.grad` of all that a Function was given."""
    arguments, backward = done.ways_back[name]
    for argument, gradient in zip(arguments, backward(upstream), strict=True):
        if gradient is not None:
            done.values[argument].grad = gradient


def _found(place: Place, names: Mapping[str, Any], done: Call) -> Any:
    """What stands at a place.

    Raises:
        _MissingError: the submission does not define it, which is told, or an earlier step did not give it.
    """
    if place.root in done.values:
        found = done.values[place.root]
    elif place.root in names:
        found = names[place.root]
    else:
        if not any(f.values.get("name") == place.root for f in done.objections):
            done.objections.append(Fact("layer-name-missing", {"name": place.root}))
        raise _MissingError
    for number, piece in enumerate(place.path):
        before = Place(place.root, place.path[:number])
        if isinstance(piece, Key):
            found = _item(found, piece, before, done)
        elif hasattr(found, piece):
            found = getattr(found, piece)
        else:
            done.objections.append(Fact("layer-attribute-missing", {"name": str(place), "attribute": piece}))
            raise _MissingError
    return found


def _item(found: Any, key: Key, place: Place, done: Call) -> Any:
    try:
        return found[key.value]
    except (KeyError, IndexError, TypeError):
        done.objections.append(Fact("layer-key-missing", {"name": str(place), "key": str(key.value)}))
        raise _MissingError from None


def _set(place: Place, names: Mapping[str, Any], done: Call) -> Callable[[Any], None]:
    """How a value is put at a place."""
    if not place.path:
        return lambda value: done.values.__setitem__(place.root, value)
    owner, last = _found(Place(place.root, place.path[:-1]), names, done), place.path[-1]
    if isinstance(last, Key):
        return lambda value: owner.__setitem__(last.value, value)
    return lambda value: setattr(owner, last, value)


def _name_results(step: Step, returned: Any, done: Call) -> None:
    """Give what a call returned the names that the declaration has for it; items of one dictionary are one result."""
    roots = list(dict.fromkeys(place.root for place in step.results))
    if len(roots) == 1:
        one = isinstance(returned, tuple) and len(returned) == 1
        values: list[Any] = [returned[0] if one else returned]
    else:
        values = list(returned) if isinstance(returned, tuple | list) else [returned]
    if len(values) != len(roots):
        names = ", ".join(roots)
        fact = Fact(
            "layer-wrong-count", {"call": str(step.place), "have": len(values), "want": len(roots), "names": names}
        )
        done.objections.append(fact)
        return
    done.values |= {root: value for root, value in zip(roots, values, strict=True) if root != "_"}
    for place in step.results:
        if place.path and place.root != "_":
            try:
                done.values[place.last] = _found(place, {}, done)
            except _MissingError:
                continue
