"""Every quantity of a derivation, by the names that the author of an exercise gave: its forward formula, traced.

The formula runs once under autograd. Each variable that holds a tensor gives its name to it, `z[1]` where it is an item
of `z`; each operation names what it makes of those. The derivative of the loss by each follows, and the slopes of what
works entry by entry.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.key import composite
from grader.key.way_back import way_back
from grader.kit.part import Part, Undeclared
from grader.kit.tensors import as_tensors
from grader.records import Arrays, Derivation, FloatArray, Probe
from grader.wire.quantity_names import adjoint, part_of_adjoint, slope, slope_of_square

_LARGEST = 600
"""Numbers of a probe, and of a quantity: small ones show as much as large ones."""
_LARGEST_DRAWN = 6000
_LONGEST = 48
_MOST = 80
Checks = Callable[[Probe], Mapping[str, str]]

_SIGNS = {"add": "+", "sub": "−", "mul": "·", "div": "/", "matmul": "@", "mm": "@", "true_divide": "/"}
_SIGNS |= {f"__{name}__": sign for name, sign in _SIGNS.items()}
_SWAPPED = {"__rsub__": "−", "rsub": "−", "__rdiv__": "/", "__rpow__": "**", "__rmatmul__": "@"}


def traced(
    part: Part, point: Arrays, wanted: Collection[str], folders: tuple[Path, ...]
) -> tuple[dict[str, FloatArray], tuple[tuple[str, str], ...]]:
    """The quantities of `part.scalar` at a point, each shape as the formula has it; and the way of the gradient.

    Args:
        wanted: the inputs by which the loss is to be differentiated.
        folders: where the files lie whose variables give names.

    Raises:
        Exception: what the formula raises.
    """
    tensors = as_tensors(point)
    leaves = {name: t.requires_grad_() if t.is_floating_point() else t for name, t in tensors.items()}
    named = {told: tensor for name, tensor in leaves.items() if (told := part.symbol(name))}
    noted = _Noted(named, leaves.keys() - named.keys())
    with torch.enable_grad(), _named_by_variables(noted, folders), noted:
        loss = part.scalar(leaves)
    known = _different(_named(noted, loss, {part.symbol(name) for name in leaves if name not in wanted}))
    return known, way_back(loss, noted.of_variables(), {part.symbol(name) for name in wanted})


def _different(named: Iterable[tuple[str, Tensor]]) -> dict[str, FloatArray]:
    """As arrays; of equal ones the first, and none in which all numbers are the same."""
    found: dict[str, FloatArray] = {}
    for name, value in named:
        array = value.detach().double().numpy().copy()
        twins = (
            np.array_equal(array, other)
            for told, other in found.items()
            if other.shape == array.shape and not (name.endswith("]") and not told.endswith("]"))
        )
        tells = 0 < array.size <= _LARGEST and (array.size == 1 or bool(np.ptp(array)))
        if tells and name not in found and not any(twins) and len(found) < _MOST and "stack(…)" not in name:
            found[name] = array
    return found


def _named(noted: _Noted, loss: Tensor, unwanted: Collection[str]) -> Iterator[tuple[str, Tensor]]:
    """What variables hold, all derivatives, slopes; then all other values, and derivatives that nobody wants."""
    variables = noted.of_variables()
    others = {name: value for name, value in noted.tensors().items() if name not in variables and value is not loss}
    yield from variables.items()
    wanted = {name: value for name, value in variables.items() if name not in unwanted}
    for is_given in (False, True):  # the gradient of a bias may be that of the sums, which tells more
        yield from _derivatives({name: value for name, value in wanted.items() if value.is_leaf is is_given}, loss)
    yield from _derivatives(others, loss)
    yield from noted.slopes()
    yield from others.items()
    yield from _derivatives({name: variables[name] for name in unwanted if name in variables}, loss)
    yield from noted.steps()
    yield from noted.ways(loss)


def _derivatives(values: Mapping[str, Tensor], loss: Tensor) -> Iterator[tuple[str, Tensor]]:
    wanted = {name: value for name, value in values.items() if value.requires_grad and value is not loss}
    if not wanted:
        return
    found = torch.autograd.grad(loss, list(wanted.values()), retain_graph=True, allow_unused=True)
    for name, value in zip(wanted, found, strict=True):
        if value is not None:
            yield adjoint(name), value


class _Noted(TorchFunctionMode):
    """Notes each tensor that operations make, with a name for it."""

    def __init__(self, leaves: Mapping[str, Tensor], not_names: Collection[str]) -> None:
        """The inputs by what they are called; `not_names` stand in tables of the formula, and are no names."""
        super().__init__()
        self._not_names = not_names
        self._names = {id(tensor): name for name, tensor in leaves.items()}
        self._tensors = {id(tensor): tensor for tensor in leaves.values()}
        self._variables = set(self._names)
        self._numbered: dict[str, Tensor] = {}
        self._calls: list[tuple[str, Tensor, Tensor]] = []
        self._uses: dict[int, list[tuple[Tensor, Tensor]]] = {}
        self._composite: list[tuple[str, tuple[Any, ...], Tensor]] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run an operation, and note what it gives."""
        name = str(getattr(func, "__name__", ""))
        in_place = name.endswith("_") and not name.endswith("__")
        asks = name.startswith(("__get", "__set"))  # for what a copy does not have, as its `grad_fn`
        copies = {} if in_place or asks else {id(a): a.view_as(a) for a in args if _is_followed(a)}
        made = func(*(copies.get(id(a), a) for a in args), **(kwargs or {}))
        if isinstance(made, Tensor):
            for operand in copies:
                self._uses.setdefault(operand, []).append((copies[operand], made))
            self._composite.append((name, args, made))
        if isinstance(made, Tensor) and not in_place and made.requires_grad and id(made) not in self._tensors:
            self._tensors[id(made)] = made
            self._names[id(made)] = self._described(name, args)
            operands = [a for a in args if isinstance(a, Tensor) and a.requires_grad]
            if len(operands) == 1 and operands[0].shape == made.shape:
                self._calls.append((name, operands[0], made))
        return made

    def steps(self) -> Iterator[tuple[str, Tensor]]:
        """What operations go through that are made of others, as softmax of exp."""
        for name, args, made in self._composite:
            yield from composite.steps(name, self._operand(args[0]) if args else "", args, self._operand(made))

    def ways(self, loss: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Of what is used several times, the part of the derivative that comes by way of each use: `∂L/∂w via z`."""
        uses = [(o, copy, made) for o, listed in self._uses.items() if len(listed) > 1 for copy, made in listed]
        if not uses:
            return
        found = torch.autograd.grad(loss, [copy for _, copy, _ in uses], retain_graph=True, allow_unused=True)
        for (operand, _, made), value in zip(uses, found, strict=True):
            names = self._names.get(operand), self._names.get(id(made))
            if value is not None and names[0] and names[1]:
                yield part_of_adjoint(names[0], names[1]), value

    def variable(self, name: str, value: Tensor) -> None:
        """A variable holds a tensor; the first one names it, and one of a row of names as well: `a[0]` of `x`."""
        if name in self._not_names:
            return
        if name.endswith("]") and self._names.get(id(value), name) != name:
            self._numbered.setdefault(name, value)
        if id(value) not in self._variables:
            while name in (self._names[each] for each in self._variables):
                name += "′"
            self._names[id(value)] = name
            self._tensors[id(value)] = value
            self._variables.add(id(value))

    def tensors(self) -> dict[str, Tensor]:
        """All that was noted; of several with one name the first."""
        return {self._names[each]: tensor for each, tensor in reversed(self._tensors.items())}

    def of_variables(self) -> dict[str, Tensor]:
        """What variables held, and the inputs."""
        found = {self._names[each]: self._tensors[each] for each in self._tensors if each in self._variables}
        return found | {name: value for name, value in self._numbered.items() if name not in found}

    def slopes(self) -> Iterator[tuple[str, Tensor]]:
        """The slope of each operation that works entry by entry, as `tanh'(z[1])`."""
        for name, operand, made in self._calls:
            weights = torch.rand(made.shape, dtype=made.dtype, generator=torch.Generator().manual_seed(1))
            ones, weighed = (
                torch.autograd.grad(made, operand, upstream, retain_graph=True)[0]
                for upstream in (torch.ones_like(made), weights)
            )
            if torch.allclose(ones * weights, weighed) and _tells(name, ones):
                yield self._slope(name, self._names[id(operand)], square=torch.equal(made, operand**2)), ones

    def _slope(self, name: str, operand: str, *, square: bool) -> str:
        return slope_of_square(operand) if square else slope(name.strip("_"), operand)

    def _described(self, name: str, args: tuple[Any, ...]) -> str:
        text = self._written(name, args)
        while text in self._names.values():
            text += "′"
        return text

    def _written(self, name: str, args: tuple[Any, ...]) -> str:
        told = [self._operand(value) for value in args]
        if name in _SWAPPED:
            name, told = name, told[::-1]
        text = self._joined(name, told)
        short = [part if len(part) <= _LONGEST // 4 else "…" for part in told]
        return text if len(text) <= _LONGEST or short == told else self._joined(name, short)

    def _joined(self, name: str, told: list[str]) -> str:
        sign = _SIGNS.get(name) or _SWAPPED.get(name)
        if sign and len(told) == 2:
            return f" {sign} ".join(f"({part})" if " " in part else part for part in told)
        if name in ("pow", "__pow__") and told[1:] == ["2"]:
            return f"({told[0]})²" if " " in told[0] else f"{told[0]}²"
        return f"{told[0]}ᵀ" if name in ("t", "__get__") else f"{name.strip('_')}({', '.join(told)})"

    def _operand(self, value: Any) -> str:
        if isinstance(value, Tensor):
            return self._names.get(id(value), "…")
        return f"{value:g}" if isinstance(value, float | int) else "…"


def _tells(name: str, slopes: Tensor) -> bool:
    """Whether slopes depend on where they are, as far as they show: not those of a product with a constant."""
    if slopes.numel() == 1:
        return name not in _SIGNS and float(slopes.abs()) not in (0.0, 1.0)
    return not bool(torch.all(slopes == slopes.flatten()[0]))


def _is_followed(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad and value.is_floating_point()


@contextmanager
def _named_by_variables(noted: _Noted, folders: tuple[Path, ...]) -> Iterator[None]:
    """Let variables in files of some folders give their names, as soon as they hold a tensor."""
    places = {str(folder) for folder in folders}

    def look(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call" and str(Path(frame.f_code.co_filename).parent) not in places:
            return None
        for name, value in list(frame.f_locals.items()):
            for told, tensor in _tensors_in(name, value):
                if tensor.is_floating_point():
                    noted.variable(told, tensor)
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


def _tensors_in(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    """A tensor, those of a table of them, or those that an object has as attributes."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(item, Tensor) and isinstance(key, int):
                yield f"{name}[{key}]", item
            elif isinstance(item, Tensor):
                yield str(key), item
    elif name == "self":
        for attribute, item in vars(value).items():
            if not attribute.startswith("_") and isinstance(item, Tensor | dict | list):
                yield from _tensors_in(attribute, item)


def at_one_point(part: Part, inputs: Arrays) -> dict[str, Any]:
    """The inputs cut down to their first point, where they are a row for each."""
    points = part.points(inputs)
    count = len(points)
    rows = [n for n, value in inputs.items() if count > 1 and np.ndim(value) and len(value) == count]
    for cut in (rows, *([name] for name in rows)):
        less = {name: value[:1] if name in cut else value for name, value in inputs.items()}
        try:
            first = part.points(less)
        except Exception:  # noqa: S112  what was cut is no row for each point
            continue
        if len(first) == 1 and all(np.array_equal(first[0][n], points[0][n]) for n in points[0]):
            return less
    return dict(inputs)


def derivations(
    probes: Iterable[Probe],
    part_of: Callable[[Probe], Part],
    run: Callable[[Probe], Arrays],
    checks: Checks,
    file: Path,
) -> list[Derivation]:
    """What is known of two small probes of each manner: with as many different lengths, and quantities, as can be.

    Args:
        run: what a right submission reports on a probe.
        checks: for a probe, quantity -> check, of those that are compared.
        file: the exercise.
    """
    manners: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        if probe.graded and not probe.evidence and probe.dtype == "float64":
            probe = replace(probe, inputs=part_of(probe).small(probe.inputs))
            if _size(probe) > _LARGEST_DRAWN:
                continue
            cut = replace(probe, inputs=at_one_point(part_of(probe), probe.inputs))
            if _size(cut) <= _LARGEST:
                manners.setdefault(probe.manner, []).append(cut)
    chosen = []
    for listed in manners.values():
        first = max(listed, key=lambda probe: len({n for v in probe.inputs.values() for n in np.shape(v)}))
        rest = [probe for probe in listed if probe is not first]
        chosen += [
            first,
            *([max(rest, key=lambda probe: (len(checks(probe)), _shapes(probe) != _shapes(first)))] if rest else []),
        ]
    return [_derivation(part_of(probe), probe, run(probe), checks(probe), file) for probe in chosen]


def _derivation(part: Part, probe: Probe, reported: Arrays, checks: Mapping[str, str], file: Path) -> Derivation:
    outputs = {name: reported[name] for name in checks if name in reported}
    folders = (file.parent, Path(sys.modules[Part.__module__].__file__ or "").parent)
    wanted = {quantity: source for quantity, _, source in part.quantities(probe.inputs) if quantity in checks}
    try:
        known, way = traced(part, part.points(probe.inputs)[0], {*wanted.values()}, folders)
    except Undeclared:  # values alone are asked for
        known, way = _different((name, torch.as_tensor(value)) for name, value in probe.inputs.items()), ()
    others = {name: value[0] for name, value in outputs.items() if name not in known}
    known |= {
        name: value
        for name, value in others.items()
        if not any(value.size == other.size and np.allclose(value.ravel(), other.ravel()) for other in known.values())
    }
    ends = {quantity: part.symbol(source) for quantity, source in wanted.items() if source in probe.inputs}
    return Derivation(probe, outputs, {name: checks[name] for name in outputs}, known, way, ends)


def _shapes(probe: Probe) -> list[tuple[int, ...]]:
    return [np.shape(value) for value in probe.inputs.values()]


def _size(probe: Probe) -> int:
    return sum(int(np.size(value)) for value in probe.inputs.values())
