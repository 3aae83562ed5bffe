"""A layer as it is declared: its formula, its inputs, and the steps of a call; what is seen to be wrong with these."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from grader.kit.layers.declaring import DeclarationError, FormulaError
from grader.kit.layers.domains import Domain, letters_of, parse_domains
from grader.kit.layers.expressions import Expression
from grader.kit.layers.readings import all_readings
from grader.kit.layers.steps import OBJECT, Place, Step, asked_for, gradient_of, parse_steps

Values = Mapping[str, Tensor]
MOST_READINGS = 12


@dataclass(frozen=True)
class Layer:
    """A forward formula, and how a submission that should compute it and its gradients is called, in one reading.

    Attributes:
        formula: in torch; its parameters are inputs by name, and it returns a tensor, several, or a dictionary of them.
        domains: what each input may be.
        steps: how a submission is called.
        sizes: of letters that the author chose, one for each trial.
        scales: what a gradient is multiplied by, where `dW / m` is asked for.
        reading: which of several legal readings this one is, in words; empty where there is one only.
        laid_out: the inputs that may have several layouts.
        others: the other readings.
    """

    formula: Callable[..., Any]
    domains: Mapping[str, Domain]
    steps: tuple[Step, ...]
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    scales: Mapping[str, Expression] = field(default_factory=dict)
    reading: str = ""
    laid_out: frozenset[str] = frozenset()
    others: tuple[Layer, ...] = ()

    @classmethod
    def declared(
        cls,
        formula: Callable[..., Any],
        calls: Sequence[str],
        inputs: Mapping[str, str] | None = None,
        sizes: Mapping[str, Sequence[int]] | None = None,
    ) -> Layer:
        """A layer of texts, `affine_forward(x: N D, ...) -> out, cache`.

        Args:
            inputs: what each input is, where the calls do not say it.
            sizes: of letters, one for each trial, where they cannot be anything.

        Raises:
            DeclarationError: what is wrong, and what to write.
        """
        steps = parse_steps(calls)
        domains = {name: parse_domains(text) for name, text in (inputs or {}).items()}
        for step in steps:
            for name, readings in step.domains:
                if domains.setdefault(name, readings) != readings:
                    raise DeclarationError(f"`{step.text}`: `{name}` was declared otherwise before; declare it once")
        scales = {name: readings for step in steps for name, readings in step.scales}
        layers = list(islice(cls._readings(formula, domains, steps, scales), MOST_READINGS + 1))
        if len(layers) > MOST_READINGS:
            raise DeclarationError(f"there are more than {MOST_READINGS} readings; leave out what nobody would write")
        chosen = {letter: tuple(each) for letter, each in (sizes or {}).items()}
        laid_out = frozenset(name for name, readings in domains.items() if any(each.first for each in readings))
        first, *others = [replace(layer, sizes=chosen, laid_out=laid_out) for layer in layers]
        first._check()
        return replace(first, others=tuple(others))

    @classmethod
    def _readings(
        cls,
        formula: Callable[..., Any],
        domains: Mapping[str, tuple[Domain, ...]],
        steps: tuple[Step, ...],
        scales: Mapping[str, tuple[Expression, ...]],
    ) -> Iterator[Layer]:
        """Every combination of what inputs and gradients may be read as, the first of each first."""
        several = any(len(readings) > 1 for readings in (*domains.values(), *scales.values()))
        for inputs, factor in all_readings(domains, scales):
            told = [_told(n, d) for n, d in inputs.items() if len(domains[n]) > 1]
            told += [f"{n}{f.text.removeprefix('1.0')}" for n, f in factor.items() if len(scales[n]) > 1]
            yield cls(formula, inputs, steps, scales=factor, reading=", ".join(told) if several else "")

    @property
    def readings(self) -> tuple[Layer, ...]:
        """All legal readings, this one first."""
        return (self, *self.others)

    @property
    def letters(self) -> list[str]:
        """All letters that stand for sizes, in their order."""
        return letters_of(self.domains)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The names that a submission must define for anything to be tried: that of the first step that has one."""
        return tuple(asked_for(self.steps, self.domains))[:1]

    @cached_property
    def drawn(self) -> dict[str, Domain]:
        """The inputs that are drawn: all but what is fixed."""
        return {name: domain for name, domain in self.domains.items() if domain.kind != "fixed"}

    @cached_property
    def own_masks(self) -> tuple[str, ...]:
        """The masks that a submission draws itself."""
        return tuple(name for name, domain in self.domains.items() if domain.kind == "own mask")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The inputs that the formula takes, in its order; all, where it does not tell: `torch.relu` does not.

        A parameter with a default that is no input keeps its default.
        """
        told = self._signature
        if told is None:
            return tuple(self.domains)
        named = [each for each in told.parameters.values() if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
        return tuple(each.name for each in named if each.name in self.domains or each.default is each.empty)

    @cached_property
    def _signature(self) -> inspect.Signature | None:
        try:
            return inspect.signature(self.formula)
        except ValueError:
            return None

    @property
    def file(self) -> str:
        """The file in which the formula stands, where it is Python."""
        return str(getattr(getattr(inspect.unwrap(self.formula), "__code__", None), "co_filename", ""))

    @property
    def line(self) -> int:
        """The line where the formula begins; 0 where it is not Python."""
        return int(getattr(getattr(inspect.unwrap(self.formula), "__code__", None), "co_firstlineno", 0))

    @cached_property
    def gradients(self) -> dict[str, str]:
        """The name of each gradient that a submission gives -> the input that it belongs to."""
        given = [place.last for step in self.steps for place in step.results]
        made = [step.place.root for step in self.steps if step.is_made]
        return {name: source for name in (*given, *made) if (source := gradient_of(name, self.domains))}

    @cached_property
    def results(self) -> tuple[Place, ...]:
        """What a submission gives besides gradients: outputs in their order, then what is handed on to other steps.

        An object on which later steps call something is no output, unless a gradient arrives at it.
        """
        given = [p for step in self.steps for p in step.results if p.last not in self.gradients and p.last != "_"]
        names = [p.last for p in given]
        arrived_at = {gradient_of(n, names) for step in self.steps for n in step.needs if n not in self.domains}
        roots = {step.place.root for step in self.steps if step.place.path or step.is_call}
        computed_with = {name for step in self.steps if step.is_computed for name in step.needs}
        handed_on = {name for step in self.steps for name in step.needs}
        given = [p for p in given if p.last in arrived_at or p.last not in roots | computed_with]
        given = list({p.last: p for p in given}.values())
        return tuple(sorted(given, key=lambda p: p.last in handed_on and p.last not in arrived_at))

    def outputs(self, count: int) -> tuple[str, ...]:
        """The names of the outputs, where the formula has so many.

        Raises:
            FormulaError: fewer are declared.
        """
        if len(self.results) < count:
            raise FormulaError(
                f"the formula gives {count} {'value' if count == 1 else 'values'}, the calls name"
                f" {', '.join(p.last for p in self.results) or 'none'}; name them after `->`",
                self.line,
            )
        return tuple(place.last for place in self.results[:count])

    @cached_property
    def upstream(self) -> dict[str, str]:
        """The name of each gradient that a submission is given -> the result that it arrives at."""
        results = [place.last for place in self.results]
        names = [name for step in self.steps for name in step.needs]
        return {
            name: result
            for name in names
            if name not in self.domains and name not in results and (result := gradient_of(name, results))
        }

    def values(self, point: Values) -> dict[str, Tensor]:
        """The outputs of the formula at a point, by name.

        Raises:
            FormulaError: they are no tensors, or the calls do not name them.
        """
        arguments = {name: self._argument(name, point) for name in self.parameters}
        given = self.formula(*arguments.values()) if self._signature is None else self.formula(**arguments)
        if isinstance(given, Mapping):
            odd = [name for name in given if name not in {p.last for p in self.results}]
            if odd:
                raise FormulaError(f"the formula gives `{odd[0]}`, which no call names; name it after `->`", self.line)
            self._see_tensors(given.values())
            return dict(given)
        values = tuple(given) if isinstance(given, tuple | list) else (given,)
        self._see_tensors(values)
        return dict(zip(self.outputs(len(values)), values, strict=True))

    def _see_tensors(self, given: Iterable[Any]) -> None:
        odd = [type(value).__name__ for value in given if not isinstance(value, Tensor)]
        if odd:
            what = "nothing" if odd[0] == "NoneType" else f"a `{odd[0]}`"
            if odd[0] in ("tuple", "list", "dict"):
                what += " among its outputs, a cache perhaps, which is the submission's own"
            raise FormulaError(
                f"the formula returns {what}; let it return a tensor, several, or a dictionary of tensors", self.line
            )

    def _argument(self, name: str, point: Values) -> Any:
        domain = self.domains[name]
        if domain.kind == "fixed":
            return point.get(name, domain.value())
        tensor = point[name]
        return tensor if domain.first is None else tensor.reshape(domain.shape_in_formula(tuple(tensor.shape)))

    def scale(self, gradient: str, sizes: Mapping[str, int]) -> float:
        """What a gradient is multiplied by before it is given."""
        return float(self.scales[gradient].value(sizes)) if gradient in self.scales else 1.0

    def scalar(self, point: Values, upstream: Values) -> Tensor:
        """L = sum over outputs of (output * what arrives at it), whose derivatives the gradients are.

        Args:
            upstream: by the name of the output; where nothing arrives at all, the first output counts as it is: a loss.
        """
        values = self.values(point)
        weighed = [(upstream[name] * value).sum() for name, value in values.items() if name in upstream]
        return torch.stack(weighed or [next(iter(values.values())).sum()]).sum()

    @property
    def wanted(self) -> list[str]:
        """The inputs that the formula is differentiated by."""
        return list(dict.fromkeys(self.gradients.values()))

    def _check(self) -> None:
        """See that all names lead somewhere.

        Raises:
            DeclarationError: one does not.
        """
        odd = [name for name in self.parameters if name not in self.domains]
        if odd:
            raise DeclarationError(
                f"the formula takes `{odd[0]}`, which is no input; write what it is where it is handed over,"
                f" `{odd[0]}: N D`. Inputs are {', '.join(self.domains) or 'not declared'}"
            )
        results = [place.last for place in self.results]
        for name in self.domains:
            if name not in self.parameters and (result := gradient_of(name, results)):
                raise DeclarationError(
                    f"`{name}` arrives at `{result}`, and is drawn with its shape; leave out what stands after `{name}`"
                )
        if not self.gradients:
            given = [place.last for step in self.steps for place in step.results]
            raise DeclarationError(
                f"the calls give {', '.join(given) or 'nothing'}, and none of it is the gradient of an input; name one"
                f" after the input that it belongs to, `d{next(iter(self.domains), 'x')}`"
            )
        for name, source in self.gradients.items():
            if (kind := self.domains[source].kind) != "real":
                raise DeclarationError(
                    f"`{name}`: `{source}` is {_KINDS[kind]}, which has no gradient; declare it as real"
                )
            if source not in self.parameters:
                raise DeclarationError(f"`{name}`: the formula does not depend on `{source}`; let it take `{source}`")
        for letter in self.sizes:
            if letter not in self.letters:
                raise DeclarationError(
                    f"`sizes` has `{letter}`, which is no axis; axes are {', '.join(self.letters) or 'not declared'}"
                )
        for name, scale in self.scales.items():
            odd = [letter for letter in scale.names if letter not in self.letters]
            if odd or name not in self.gradients:
                what = f"`{odd[0]}` is no letter of an axis" if odd else "it is no gradient of an input"
                raise DeclarationError(f"`{name}{scale.text.removeprefix('1.0')}`: {what}; write for example `dw / N`")
        for step, odd_name in self._unknown():
            known = [*self.domains, *self.letters, *(p.last for p in self.results)]
            meant = [f"write `{name}`, if you mean that; " for name in get_close_matches(odd_name, known, 1)]
            if odd_name in known:
                meant = ["a later call gives it, put that one first; "]
            raise DeclarationError(
                f"`{step.text}`: `{odd_name}` is no input, no letter, no result of an earlier step, and no gradient of"
                f" one; {''.join(meant)}known are {', '.join(dict.fromkeys(known))}"
            )

    def _unknown(self) -> Iterator[tuple[Step, str]]:
        known = {OBJECT, *self.domains, *self.letters, *self.upstream}
        for step in self.steps:
            yield from ((step, name) for name in step.needs if name not in known)
            known |= step.gives


_KINDS = {
    "integer": "an integer",
    "one of": "one of a few numbers",
    "one-hot": "a label",
    "mask": "a mask",
    "own mask": "a mask",
    "fixed": "fixed",
}


def _told(name: str, domain: Domain) -> str:
    """How one reading of an input is told."""
    return f"{name} = {domain.text}" if domain.kind == "fixed" else f"{name}: {' '.join(domain.axes)}"
