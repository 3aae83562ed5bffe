"""Check hand-written gradients from a test of one's own: in pytest, otter, nbgrader, or a plain notebook cell.

    import torch
    from grader.testing import assert_layer

    def test_affine():
        assert_layer(
            "affine_forward(x: N D, w: D M, b: M) -> out, cache",
            "affine_backward(dout, cache) -> dx, dw, db",
            lambda x, w, b: x @ w + b,
            globals(),
        )

The code that is checked runs in the process of the test, without any sandbox.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from grader.diagnosis.facts import Pair, facts
from grader.diagnosis.generic import explain, mistake, numbered, together
from grader.diagnosis.generic_fits import Trial
from grader.kit.layers.calling import Call, call, changed, number_array
from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.drawing import drawn, drawn_upstream
from grader.kit.layers.layer import Layer
from grader.kit.layers.own_masks import as_if_all_were_kept
from grader.kit.layers.part import laid_out, upstream_of
from grader.kit.layers.steps import Step
from grader.kit.tensors import as_tensors
from grader.oracles.layer import outputs, truth
from grader.oracles.wrong_ways import wrong_ways
from grader.records import Estimate
from grader.tolerance import agrees
from grader.wire.facts import Fact
from grader.words import say

__all__ = ["DeclarationError", "LayerError", "assert_layer"]

_SIZES, _UPSTREAMS = 2, 2
_MOST_TOLD = 6


class LayerError(AssertionError):
    """A layer is not what its formula says; `facts` are what is wrong, as data."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        told = [say(fact) for fact in self.facts]
        super().__init__("\n".join(told[:_MOST_TOLD]))


@dataclass(frozen=True)
class _Case:
    """One call: the inputs, the gradients that arrive at the outputs, and what must come back."""

    sizes: Mapping[str, int]
    point: Mapping[str, NDArray[Any]]
    upstream: Mapping[str, NDArray[np.float64]]
    expected: Mapping[str, Estimate]


def assert_layer(
    *declaration: Any,
    inputs: Mapping[str, str] | None = None,
    sizes: Mapping[str, Sequence[int]] | None = None,
    arrays: Literal["numpy", "torch"] = "numpy",
    seed: int = 0,
) -> None:
    """Assert that a layer gives the values of a formula, and the gradients that follow from it.

    It is called with several inputs of unequal sizes, away from kinks, and with gradients of both signs from above.
    What it gives is compared, within what rounding does in single precision, with autograd, finite differences and the
    complex step, which must agree among themselves.

    Args:
        declaration: the calls, in their order, as texts; then the formula, a function of torch tensors whose parameters
            are named as the inputs are; then the names of the submission: `globals()`, a module, or a dictionary.
        inputs: what each input is, where the calls do not say it: `{"x": "N D", "y": "int < C: N"}`.
        sizes: of letters that cannot have any size: `{"H": [4, 6]}`.
        arrays: what the submission is given.
        seed: another one draws other numbers.

    Raises:
        LayerError: something is wrong; the message says what, by how much, and at which sizes.
        DeclarationError: the declaration cannot be used; says what to write.
    """
    __tracebackhide__ = True
    calls, formula, names = _told(declaration)
    layer = Layer.declared(formula, calls, inputs, sizes)
    found: list[list[Fact]] = []
    for reading in layer.readings:
        found.append(_wrong(reading, names, np.random.default_rng(seed), torch_tensors=arrays == "torch"))
        if not found[-1]:
            return
    raise LayerError(min(found, key=lambda facts: (any(fact.kind in _STOPPED for fact in facts), len(facts))))


_STOPPED = ("layer-raises", "layer-call-fails")


def _wrong(layer: Layer, names: Mapping[str, Any], rng: np.random.Generator, *, torch_tensors: bool) -> list[Fact]:
    """What is wrong with a submission in one reading of the declaration."""
    found: dict[tuple[str, str], Fact] = {}
    seen: dict[str, list[Pair]] = {}
    tried: list[tuple[_Case, Mapping[str, NDArray[Any]]]] = []
    with _one_thread():
        cases = list(_cases(layer, rng))
    for case in cases:
        given: dict[str, NDArray[Any]] = {}
        for fact in _objections(layer, case, names, seen, given, torch_tensors=torch_tensors):
            found.setdefault((fact.kind, str(fact.values.get("name", ""))), fact)
        tried.append((case, given))
    told = [each for fact in found.values() for each in (fact, *_relation(fact, seen))]
    return [*told, *_known(layer, tried, [name for kind, name in found if kind == "layer-entries-differ"])]


def _known(
    layer: Layer, tried: Sequence[tuple[_Case, Mapping[str, NDArray[Any]]]], wrong: Sequence[str]
) -> Iterator[Fact]:
    """The mistakes that give all numbers of all cases, where the values of the layer are right."""
    if not wrong or any(name not in layer.gradients for name in wrong):
        return
    with _one_thread():
        trials = [_trial(layer, case, given) for case, given in tried]
    for each in together([*explain(trials, wrong)]):
        known = mistake("", each)
        names = ", ".join(each.quantities)
        yield Fact("layer-known-mistake", {"name": names, "title": known.title, "hint": known.hints["en"][1]})


def _trial(layer: Layer, case: _Case, given: Mapping[str, NDArray[Any]]) -> Trial:
    arriving = {f"upstream of {name}": array for name, array in case.upstream.items()}
    ways = wrong_ways(lambda t: layer.scalar(t, upstream_of(t)), {**case.point, **arriving}, layer.wanted)
    scaled = [
        replace(
            way,
            arrays={
                name: way.arrays[source] * layer.scale(name, case.sizes)
                for name, source in layer.gradients.items()
                if source in way.arrays
            },
        )
        for way in ways
    ]
    right = {name: case.expected[name].value for name in layer.gradients}
    seen = {n: a for n, a in given.items() if n in right and a.shape == right[n].shape}
    return Trial(seen, right, case.sizes, numbered(scaled), {n: a for n, a in given.items() if n in right})


def _relation(fact: Fact, seen: Mapping[str, list[Pair]]) -> Iterator[Fact]:
    """What is true of the wrong numbers of a gradient in all cases, if anything is: half of it, the wrong sign."""
    if fact.kind == "layer-entries-differ":
        told = facts(str(fact.values["name"]), seen[str(fact.values["name"])], layered=False)
        yield from (each for each in told if each.kind != "is-not-what-it-should-be")


def _told(declaration: Sequence[Any]) -> tuple[list[str], Callable[..., Any], Mapping[str, Any]]:
    calls = [each for each in declaration if isinstance(each, str)]
    rest = declaration[len(calls) :]
    if len(rest) != 2 or not callable(rest[0]) or any(isinstance(each, str) for each in rest):
        raise DeclarationError(
            "write the calls as texts, then the formula, then the names of the submission:"
            ' assert_layer("relu_forward(x: N D) -> out, cache", "relu_backward(dout, cache) -> dx", torch.relu,'
            " globals())"
        )
    formula, names = rest
    return calls, formula, names if isinstance(names, Mapping) else vars(names)


def _cases(layer: Layer, rng: np.random.Generator) -> Iterator[_Case]:
    """Of each trial, the same inputs with several gradients from above; once, where none arrives."""
    for sizes, point in drawn(layer, rng, _SIZES):
        values = outputs(layer, point)
        arriving = {name: values[name].shape for name in layer.upstream.values() if name in values}
        if not arriving and any(value.size > 1 for value in values.values()):
            raise DeclarationError(
                f"no gradient arrives at `{next(iter(values))}`: let a step take `d{next(iter(values))}`, or let the"
                " formula give a single number"
            )
        for _ in range(_UPSTREAMS if layer.upstream else 1):
            upstream = {name: drawn_upstream(shape, rng) for name, shape in arriving.items()}
            yield _Case(sizes, point, upstream, truth(layer, point, upstream, sizes))


def _objections(
    layer: Layer,
    case: _Case,
    names: Mapping[str, Any],
    seen: dict[str, list[Pair]],
    given: dict[str, NDArray[Any]],
    *,
    torch_tensors: bool,
) -> Iterator[Fact]:
    """What is wrong in one case, the cause before what follows from it; the numbers are added to what was seen."""

    def once(factor: float = 1.0) -> Call:
        upstream = {name: factor * array for name, array in case.upstream.items()}
        return call(layer, names, case.point, upstream, case.sizes, torch_tensors=torch_tensors)

    done = once()
    yield from done.objections
    yield from (_raised(step, error) for step, error in done.errors.items())
    first = _given(layer, done, case.expected, case)
    given |= {name: array for name, array in first.items() if array is not None}
    wrong = False
    for name, expected in case.expected.items():
        if name not in first:
            if not (done.errors or done.objections):
                yield Fact("layer-not-given", {"name": name})
            continue
        fact = _compared(name, done.values[name], first[name], expected, case)
        if (array := first[name]) is not None and array.shape == expected.value.shape:
            calls = seen.setdefault(name, [])
            title = f"{_told_sizes(case)}, call {len(calls) + 1}"
            calls.append((title, array[None], expected.value[None]))
        wrong = wrong or fact is not None
        if fact:
            yield fact
    for name in changed(done, [*case.point, *layer.upstream]):
        yield Fact("layer-input-changed", {"name": name})
    if not wrong and not done.errors:
        once(-2.0)
        now = _given(layer, done, case.expected, case)
        yield from (
            Fact("layer-result-overwritten", {"name": name})
            for name, array in first.items()
            if array is not None and not np.array_equal(now[name], array)  # type: ignore[arg-type]
        )
        again = _given(layer, once(), case.expected, case)
        yield from (
            Fact("layer-second-call-differs", {"name": name})
            for name, array in first.items()
            if array is not None and not _alike(again.get(name), array)
        )


def _given(layer: Layer, done: Call, names: Iterable[str], case: _Case) -> dict[str, NDArray[Any] | None]:
    """What came back, as arrays: gradients in the layout that is asked for, layers with masks as if all was kept."""
    told = {name: laid_out(layer, name, number_array(done.values[name])) for name in names if name in done.values}
    if not layer.own_masks:
        return told
    tensors, arriving = as_tensors(case.point), as_tensors(case.upstream)
    return as_if_all_were_kept(layer, tensors, arriving, case.sizes, told)


def _alike(second: NDArray[Any] | None, first: NDArray[Any]) -> bool:
    """Whether a second call gives the same, but for rounding: sums may be added in another order."""
    return second is not None and second.shape == first.shape and np.allclose(second, first, 1e-5, 1e-8)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Small tensors are slowed down by threads that wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _compared(name: str, value: Any, array: Any, expected: Estimate, case: _Case) -> Fact | None:
    want, sizes = expected.value.shape, _told_sizes(case)
    if array is None:
        return Fact("layer-no-numbers", {"name": name, "type": type(value).__name__})
    if array.shape != want and not (array.size == 1 and expected.value.size == 1):
        return Fact("layer-shape", {"name": name, "have": array.shape, "want": want, "sizes": sizes})
    array = array.reshape(want)
    right = agrees(array, expected)
    if right.all():
        return None
    distance = np.where(np.isfinite(array), np.abs(array - expected.value), np.inf)
    at = np.unravel_index(int(np.argmax(np.where(right, -1.0, distance))), want)
    values: dict[str, Any] = {
        "name": name,
        "wrong": int((~right).sum()),
        "entries": int(array.size),
        "at": tuple(int(i) for i in at),
        "have": f"{float(array[at]):.5g}",
        "want": f"{float(expected.value[at]):.5g}",
        "sizes": sizes,
    }
    return Fact("layer-entries-differ", values)


def _told_sizes(case: _Case) -> str:
    return ", ".join(f"{letter} = {size}" for letter, size in case.sizes.items())


def _raised(step: Step, error: Exception) -> Fact:
    """What a step raised, and the innermost line that is not of this program."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/grader/" not in f.filename.replace("\\", "/")]
    values: dict[str, Any] = {"call": step.text, "type": type(error).__name__, "message": str(error)}
    if not frames:
        return Fact("layer-call-fails", values)
    return Fact("layer-raises", {**values, "line": frames[-1].lineno or 0, "source": frames[-1].line or ""})
