"""A layer as it is declared: its formula, its inputs, and the steps of a call; what is seen to be wrong with these."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from grader.kit.layers.declaring import DeclarationError
from grader.kit.layers.domains import Domain, parse_domain
from grader.kit.layers.steps import OBJECT, Place, Step, gradient_of, parse_steps

Values = Mapping[str, Tensor]


@dataclass(frozen=True)
class Layer:
    """A forward formula, and how a submission that should compute it and its gradients is called.

    Attributes:
        formula: in torch; its parameters are inputs by name, and it returns a tensor or several.
        domains: what each input may be.
        steps: how a submission is called.
    """

    formula: Callable[..., Tensor | Sequence[Tensor]]
    domains: Mapping[str, Domain]
    steps: tuple[Step, ...]

    @classmethod
    def declared(
        cls, formula: Callable[..., Any], calls: Sequence[str], inputs: Mapping[str, str] | None = None
    ) -> Layer:
        """A layer of texts, `affine_forward(x: N D, ...) -> out, cache`.

        Args:
            inputs: what each input is, where the calls do not say it.

        Raises:
            DeclarationError: what is wrong, and what to write.
        """
        steps = parse_steps(calls)
        domains = {name: parse_domain(text) for name, text in (inputs or {}).items()}
        for step in steps:
            for name, domain in step.domains:
                if domains.setdefault(name, domain) != domain:
                    raise DeclarationError(f"`{step.text}`: `{name}` was declared otherwise before; declare it once")
        layer = cls(formula, domains, steps)
        layer._check()
        return layer

    @property
    def letters(self) -> list[str]:
        """All letters that stand for sizes, in their order."""
        return list(dict.fromkeys(letter for domain in self.domains.values() for letter in sorted(domain.letters)))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The inputs that the formula takes, in its order; all, where it does not tell: `torch.relu` does not."""
        try:
            return tuple(inspect.signature(self.formula).parameters)
        except ValueError:
            return tuple(self.domains)

    @cached_property
    def gradients(self) -> dict[str, str]:
        """The name of each gradient that a submission gives -> the input that it belongs to."""
        return {
            place.last: source
            for step in self.steps
            for place in step.results
            if (source := gradient_of(place.last, self.domains))
        }

    @cached_property
    def results(self) -> tuple[Place, ...]:
        """What the first step that gives something besides gradients gives: the outputs, and perhaps a cache."""
        for step in self.steps:
            others = [place for place in step.results if place.last not in self.gradients]
            if others and (step.arguments is not None or step.place.root == OBJECT):
                return tuple(others)
        return ()

    def outputs(self, count: int) -> tuple[str, ...]:
        """The names of the outputs, where the formula has so many.

        Raises:
            DeclarationError: fewer are declared.
        """
        if len(self.results) < count:
            raise DeclarationError(
                f"the formula gives {count} {'value' if count == 1 else 'values'}, the calls name"
                f" {', '.join(p.last for p in self.results) or 'none'}; name them after `->`"
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

    def values(self, point: Values) -> tuple[Tensor, ...]:
        """The outputs of the formula at a point."""
        given = self.formula(*(point[name] for name in self.parameters))
        return (given,) if isinstance(given, Tensor) else tuple(given)

    def scalar(self, point: Values, upstream: Values) -> Tensor:
        """L = sum over outputs of (output * what arrives at it), whose derivatives the gradients are.

        Args:
            upstream: by the name of the output; where nothing arrives at all, the one output counts as it is: a loss.
        """
        values = self.values(point)
        named = zip(self.outputs(len(values)), values, strict=True)
        weighed = [(upstream[name] * value).sum() for name, value in named if name in upstream]
        return torch.stack(weighed or [values[0].sum()]).sum()

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
        if not self.gradients:
            given = [place.last for step in self.steps for place in step.results]
            raise DeclarationError(
                f"the calls give {', '.join(given) or 'nothing'}, and none of it is the gradient of an input; name one"
                f" after the input that it belongs to, `d{next(iter(self.domains), 'x')}`"
            )
        for name, source in self.gradients.items():
            if self.domains[source].kind == "integer":
                raise DeclarationError(f"`{name}`: `{source}` is an integer, which has no gradient; declare it as real")
            if source not in self.parameters:
                raise DeclarationError(f"`{name}`: the formula does not depend on `{source}`; let it take `{source}`")
        for step, odd_name in self._unknown():
            known = [*self.domains, *self.letters, *(p.last for p in self.results)]
            raise DeclarationError(
                f"`{step.text}`: `{odd_name}` is no input, no letter, no result of an earlier step, and no gradient of"
                f" one; known are {', '.join(dict.fromkeys(known))}"
            )

    def _unknown(self) -> Iterator[tuple[Step, str]]:
        known = {*self.domains, *self.letters, *self.upstream}
        for step in self.steps:
            yield from ((step, name) for name in step.needs if name not in known)
            known |= {place.last for place in step.results} | {place.root for place in step.results}
