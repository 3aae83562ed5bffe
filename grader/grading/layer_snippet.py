"""The call of a declared layer as code that can be pasted. Pure.

x = np.array([[0.5, -1.2], [2.0, 0.3]])
dout = np.array([[1.0, 0.7], [-0.4, 2.1]])

out, cache = relu_forward(x)
dx = relu_backward(dout, cache)
print(dx)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from grader.assignment import Specification
from grader.assignment.layer_declaration import LayerDeclaration
from grader.kit.layers.domains import letters_of
from grader.kit.layers.readings import all_readings
from grader.kit.layers.steps import OBJECT, Place, Step, gradient_of, part_name
from grader.records import Probe

_SIZES, _UPSTREAM = "sizes", "upstream of "
_NOT_THERE = {"context", "draws"}
"""What the grader hands over that a student has not got."""


def layer_snippet(specification: Specification, probe: Probe, quantity: str, case: int) -> str:
    """The inputs of a trial, all steps of its layer in the reading that was tried, and the print of one result.

    Args:
        case: which of the gradients that arrive from above, in turn.

    Returns:
        Empty where the exercise declares no such layer, where right layers stood in for the student's, where what comes
        back is another thing in every call, or where the call needs what only the grader has.
    """
    layers = {part_name(name): layer for name, layer in specification.layers.items()}
    layer, way = layers.get(probe.family), probe.part.partition(".way_")[2]
    if layer is None or way.endswith("_helped") or _cannot_be_repeated(layer):
        return ""
    return _Writer(layer, int(way or 0), "torch" if specification.arrays == "torch" else "np").code(
        probe, quantity, case
    )


def _cannot_be_repeated(layer: LayerDeclaration) -> bool:
    """Whether the call draws a mask of its own, or is given something that only the grader has."""
    handed = [e for step in layer.steps for e in (*(step.arguments or ()), *dict(step.keywords).values(), step.value)]
    masks = any(domain.kind == "own mask" for readings in layer.domains.values() for domain in readings)
    return masks or any(f"{name}(" in each.text for each in handed if each for name in _NOT_THERE)


class _Writer:
    """Writes the call of one reading of a layer: its domains and the factors of its gradients."""

    def __init__(self, layer: LayerDeclaration, reading: int, library: str) -> None:
        self._steps, self._library = layer.steps, library
        factors = {name: readings for step in layer.steps for name, readings in step.scales}
        self._domains, self._scales = list(all_readings(layer.domains, factors))[reading]
        self._object = "layer" if "layer" not in self._domains else "the_layer"

    def code(self, probe: Probe, quantity: str, case: int) -> str:
        sizes = dict(zip(letters_of(self._domains), np.asarray(probe.inputs[_SIZES]).tolist(), strict=True))
        values: dict[str, Any] = {n: d.value() for n, d in self._domains.items() if d.kind == "fixed"}
        values |= {n: a for n, a in probe.inputs.items() if n != _SIZES and not n.startswith(_UPSTREAM)}
        for gradient, scale in self._scales.items():
            source = gradient_of(gradient, self._domains) or ""
            values[source] = np.asarray(values[source]) * float(scale.value(sizes))
        given = [place.last for step in self._steps for place in step.results]
        for name in (name for step in self._steps for name in step.needs):
            output = gradient_of(name, given) if name not in values else None
            if output and _UPSTREAM + output in probe.inputs:
                values[name] = np.asarray(probe.inputs[_UPSTREAM + output])[case]
        used = {name for step in self._steps for name in step.needs}
        lines = [f"{name} = {self._literal(value)}" for name, value in {**sizes, **values}.items() if name in used]
        asked = [step.place.root for step in self._steps if step.place.path == ("grad",)]
        lines += [f"{name}.requires_grad_()" for name in asked if name in values]
        lines += ["", *(self._line(step) for step in self._steps), f"print({self._result(quantity)})"]
        return "\n".join([f"import {'torch' if self._library == 'torch' else 'numpy as np'}", "", *lines])

    def _literal(self, value: Any) -> str:
        if not isinstance(value, np.ndarray | np.generic):
            return repr(value)
        if self._library == "torch":
            return f"torch.tensor({value.tolist()}{', dtype=torch.float64' if value.dtype.kind == 'f' else ''})"
        return f"np.array({value.tolist()})" if value.ndim else repr(value.item())

    def _line(self, step: Step) -> str:
        left = ", ".join(dict.fromkeys(self._stored(step.results)))
        if step.is_computed and step.value is not None:
            return f"{left} = {step.value.text}"
        if step.value is not None:
            return f"{self._at(step.place)} = {step.value.text}"
        if step.arguments is None:
            return f"{left} = {self._at(step.place)}"
        handed = [each.text for each in step.arguments] + [f"{name}={each.text}" for name, each in step.keywords]
        call = f"{self._at(step.place)}({', '.join(handed)})"
        if step.results:
            return f"{left} = {call}"
        return f"{self._object} = {call}" if step.place.root != OBJECT and not self._is_method(step) else call

    def _is_method(self, step: Step) -> bool:
        """Whether something is called on what an earlier step gave: `out.backward(dout)`."""
        known = {name for earlier in self._steps for name in earlier.gives} | {*self._domains}
        return step.place.root in known

    def _stored(self, results: Iterable[Place]) -> Iterable[str]:
        """The variables that take what a step gives; entries of one dictionary are one."""
        return (place.root or place.last for place in results)

    def _at(self, place: Place) -> str:
        return f"{self._object if place.root == OBJECT else ''}{place}"

    def _result(self, quantity: str) -> str:
        """Where a quantity is after all steps."""
        places = [place for step in self._steps for place in step.results if place.last == quantity]
        return str(places[-1])
