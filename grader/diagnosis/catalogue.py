"""What a known mistake is: a small function that replaces one step of the derivation, with hints as its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from grader.records import FloatArray


class Step(StrEnum):
    """The steps of the derivation, in their order; the values are how reports name them."""

    HELPERS = "helper functions"
    FORWARD = "forward pass"
    LOSS = "loss derivative"
    ACTIVATION = "through the activation"
    BACK = "through the weights"
    WEIGHTS = "weight gradient"
    BIASES = "bias gradient"
    LOOP = "loop"
    STORING = "storing"
    DESCENT = "descent loop"
    OPTIMISER = "network and optimiser"
    RUN = "whole run"


NUMERIC = (Step.LOSS, Step.ACTIVATION, Step.BACK, Step.WEIGHTS, Step.BIASES)
"""The steps whose mistakes are functions of a `Layer`."""


@dataclass(frozen=True)
class Layer:
    """What a derivation has at hand in layer l, for K examples; n = n(l), m = n(l-1).

    `e` (dL/da[l]) and `delta` (dL/dz[l]), shape (..., K, n), may have leading axes: one hypothesis each. The forward
    pass has none: `a`, `z`, `y` (K, n); `before` (a[l-1]) and `z_before` (K, m); `weight` (n, m); `bias` (n,).
    `gradient` is what the submission stored as dL/dW[l], (K, n, m) if it has the right shape; `z_above` is z[l+1],
    `weight_below` W[l-1]. What is not known is NaN.
    """

    a: FloatArray
    z: FloatArray
    y: FloatArray
    before: FloatArray
    z_before: FloatArray
    weight: FloatArray
    bias: FloatArray
    gradient: FloatArray
    e: FloatArray
    delta: FloatArray
    z_above: FloatArray = field(default_factory=lambda: np.array(np.nan))
    weight_below: FloatArray = field(default_factory=lambda: np.full((0, 0), np.nan))


class Method(StrEnum):
    """What an exercise asks for, which decides how its mistakes are found."""

    NETWORK = "network"
    """Gradients of a network, stored layer by layer."""
    PASSES = "passes"
    """Helper functions, a forward pass and a backward pass."""
    TRAINING = "training"
    """A script that trains, and is watched."""


class Role(StrEnum):
    """What is known of a mistake besides what it gives: each is looked for in a way of its own."""

    NONE = ""
    BLOCKS = "blocks"
    """Where it was made, it is useless to look at numbers."""
    TWO_LAYERS = "two layers"
    """The code is written for two layers, and serves no other net."""
    ADDS = "adds"
    """Results are added to what was stored before."""
    DESCENDS = "descends"
    """The call changes the parameters."""
    KEEPS_DELTA = "keeps delta"
    """The delta of the last layer is used in all of them."""
    KEEPS_AXIS = "keeps axis"
    """The axis of the examples is kept."""
    SUMS_TO_ONE = "sums to one"
    """The gradient of a bias is summed to one number."""


@dataclass(frozen=True)
class Signs:
    """What can be seen of a run without its numbers.

    `stored` tells for each probe its depth, and the layers of which anything was stored. `second` is what a second call
    on one example stored: `same`, `sum` (on top of what was there), `kept` (what was there) or `other`. `notes` are the
    kinds of the facts that stand where an array is missing.
    """

    notes: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    messages: str = ""
    stored: tuple[tuple[int, frozenset[int]], ...] = ()
    second: str = "same"
    added: frozenset[str] = frozenset()
    changed: bool = False
    learning_rate: float | None = None
    finite: bool = True
    autograd: bool = False
    evaluations: int = 0


@dataclass(frozen=True, eq=False)
class KnownMistake:
    """A known mistake.

    `run` maps a `Layer` to what the step gives instead, or, outside the numeric steps, `Signs` to whether it was made.
    A `fitted` one gives two arrays u, v, and stands for u + c v with one constant c. One with a `quantity`, which says
    what is wrong, maps arrays by name to the value that is given instead; it counts only beside the mistake `given`.

    `used` and `right` are formulas for the instructor. `place` is `out`, `hid` or empty for every layer. `same_as`
    names a mistake that gives the same numbers. A `blind` one gives what does not depend on delta. Of those that only
    `turn` the sign two together are a third one, so they are never named together. One with a `role` is looked for in
    another way, too.
    """

    id: str
    title: str
    step: str
    run: Callable[..., Any]
    used: str
    right: str
    hints: Mapping[str, tuple[str, str, str]]
    fitted: bool = False
    place: str = ""
    same_as: tuple[str, ...] = ()
    blind: bool = False
    turns: bool = False
    quantity: str = ""
    given: str = ""
    role: Role = Role.NONE

    @property
    def family(self) -> str:
        """The id without the place: the same variant in two places is one misconception."""
        return self.id.removeprefix("out:").removeprefix("hid:")


@dataclass
class Catalogue:
    """The known mistakes of an exercise, the more common ones of a step first, and the right steps.

    Args:
        right: for each numeric step the right one.
        formulas: the right formula of each step, or quantity.
        principles: what every explanation of a step ends with.
        method: how they are found.
    """

    right: Mapping[Step, Callable[[Layer], Any]]
    formulas: Mapping[str, str]
    principles: Mapping[Step, str]
    entries: list[KnownMistake] = field(default_factory=list)
    method: Method = Method.NETWORK

    def mistake(
        self,
        name: str,
        step: Step,
        title: str,
        used: str,
        *,
        fitted: bool = False,
        blind: bool = False,
        turns: bool = False,
        same_as: tuple[str, ...] = (),
        places: tuple[str, ...] = ("out", "hid"),
        quantity: str = "",
        role: Role = Role.NONE,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Enter the function below: its docstring is a nudge, a pointer and an explanation, with empty lines between.

        A variant of the activation step is entered twice, for the output layer and for the hidden ones, if both are
        `places` for it.
        """

        def enter(run: Callable[..., Any]) -> Callable[..., Any]:
            texts = inspect.cleandoc(run.__doc__ or "").split("\n\n")
            hints = {"en": three_hints(name, texts, self.principles.get(step, ""))}
            for place in places if step is Step.ACTIVATION else ("",):
                id = f"{place}:{name}" if place else name  # noqa: A001  the field's name
                right = self.formulas[quantity or step]
                more = (fitted, place, same_as, blind, turns, quantity)
                self.entries.append(KnownMistake(id, title, step, run, used, right, hints, *more, role=role))
            return run

        return enter

    def also(self, name: str, step: Step, run: Callable[..., Any], *, quantity: str = "", given: str = "") -> None:
        """Enter a mistake again where it shows in another way: in another step, or in another quantity."""
        first = next(e for e in self.entries if e.family == name)
        for place in ("out", "hid") if step is Step.ACTIVATION else ("",):
            id = f"{place}:{name}" if place else name  # noqa: A001  the field's name
            self.entries.append(replace(first, id=id, step=step, run=run, place=place, quantity=quantity, given=given))

    def translate(self, language: str, hints: Mapping[str, list[str]], principles: Mapping[str, str]) -> None:
        """Add hints in another language: three texts for each family, and the principle of each step by its name."""
        for number, e in enumerate(self.entries):
            told = three_hints(e.family, hints.get(e.family, []), principles.get(Step(e.step).name.lower(), ""))
            self.entries[number] = replace(e, hints={**e.hints, language: told})

    def of(self, step: str, place: str = "") -> list[KnownMistake]:
        """The entries of a step that may be made in a place."""
        return [e for e in self.entries if e.step == step and (not place or e.place in ("", place))]

    def in_role(self, role: Role) -> KnownMistake | None:
        """The mistake of a role, if there is one."""
        return next((e for e in self.entries if e.role is role), None)

    def without(self, family: str) -> Catalogue:
        """The same catalogue, as if nobody knew of one mistake."""
        kept = [e for e in self.entries if e.family != family]
        return replace(self, entries=kept)


def three_hints(name: str, texts: list[str], principle: str) -> tuple[str, str, str]:
    """A nudge, a pointer, and an explanation that ends with the principle of the step.

    Raises:
        ValueError: there are not three texts.
    """
    if len(texts) != 3:
        raise ValueError(f"`{name}` has {len(texts)} hints; it needs a nudge, a pointer and an explanation")
    nudge, pointer, explanation = (" ".join(text.split()) for text in texts)
    return nudge, pointer, f"{explanation} {' '.join(principle.split())}".strip()
