"""The known mistakes of classes with a forward and a backward: each replaces one step of one of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from grader.diagnosis.catalogue import Catalogue, KnownMistake, three_hints

Formula = Callable[[Any], Any]
"""A `Point` to the array that a step gives there; a wrong one may give a tuple: the ways in which it is made."""


class Kind(StrEnum):
    """What a step gives. A gradient is either one step, or a slope and then the chain rule."""

    VALUE = "value"
    SLOPE = "slope"
    CHAIN = "chain rule"
    GRADIENT = "gradient"
    CALLS = "calls"
    """Not numbers, but how calls end: its mistakes are functions of a list of `Trial`s to whether they were made."""


@dataclass(frozen=True)
class Subject:
    """One class of an exercise, and how its probes call things.

    Attributes:
        name: as reports call it.
        part: of the probes, up to the first dot.
        arguments: of forward, which are inputs of the probes and have gradients; none where numbers are not looked at.
        upstream: the input with the upstream gradient: an array like the value, or rows of numbers, one for each call.
        value: the quantity that forward gives.
        gradient: the quantity of the gradient of an argument, with a place for its name.
        by_autograd: whether autograd calls it in every probe; else in those of which the part ends with `.apply`.
        follows: whether it uses the classes before it, so that where one of them is wrong it may stop without a fault.
    """

    name: str
    part: str
    arguments: tuple[str, ...] = ()
    upstream: str = "grad_output"
    value: str = "value"
    gradient: str = "gradient of {}"
    by_autograd: bool = False
    follows: bool = False

    def quantity(self, argument: str) -> str:
        """What the gradient of an argument is called."""
        return self.gradient.format(argument)


@dataclass(frozen=True)
class FunctionStep:
    """One step of one class.

    Attributes:
        subject: the name of the class.
        arguments: the gradients that it belongs to; empty for all.
        right: of a slope, all that are right at a kink, the usual one first; of a gradient that follows from another of
            the same call; of a value that the statement lets one read in several ways, all of them; else None.
    """

    subject: str
    kind: Kind
    formula: str
    principle: str
    arguments: tuple[str, ...] = ()
    right: Formula | None = None

    @property
    def name(self) -> str:
        """How reports name it."""
        of = f" of {' and '.join(self.arguments)}" if self.arguments else ""
        return f"{self.subject}: {self.kind}{of}"


@dataclass
class FunctionCatalogue(Catalogue):
    """The known mistakes of an exercise of several classes.

    Attributes:
        steps: by name.
        joint: ids of mistakes that are made in at least two gradients of a class, or not at all.
        alone: ids of mistakes in a slope after which the chain rule is right.
    """

    subjects: tuple[Subject, ...] = ()
    steps: dict[str, FunctionStep] = field(default_factory=dict)
    joint: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)

    @classmethod
    def of_steps(cls, subjects: tuple[Subject, ...], steps: tuple[FunctionStep, ...]) -> FunctionCatalogue:
        """A catalogue without mistakes."""
        return cls({}, {}, {}, subjects=subjects, steps={step.name: step for step in steps})

    def variant(
        self,
        id: str,  # noqa: A002  the field's name
        step: FunctionStep,
        title: str,
        used: str = "",
        *,
        joint: bool = False,
        alone: bool = False,
    ) -> Callable[[Formula], Formula]:
        """Enter the function below: its docstring is a nudge, a pointer and an explanation, empty lines between."""

        def enter(run: Formula) -> Formula:
            hints = {"en": three_hints(id, inspect.cleandoc(run.__doc__ or "").split("\n\n"), step.principle)}
            self.entries.append(KnownMistake(id, title, step.name, run, used, step.formula, hints))
            if joint:
                self.joint.add(id)
            if alone:
                self.alone.add(id)
            return run

        return enter

    def take(self, other: Catalogue, step: FunctionStep, ids: tuple[str, ...] = ()) -> None:
        """Enter the mistakes that another catalogue knows of a step of the same name, or those with the given ids."""
        taken = [e for e in other.of(step.name) if not ids or e.id in ids]
        self.entries += [replace(e, right=step.formula) for e in taken]
        if isinstance(other, FunctionCatalogue):
            self.alone |= other.alone & {e.id for e in taken}

    def translate(self, language: str, hints: Mapping[str, list[str]], principles: Mapping[str, str]) -> None:
        """Add hints in another language to the entries that have none: three texts for each id."""
        for number, e in enumerate(self.entries):
            if language not in e.hints:
                told = three_hints(e.id, hints.get(e.id, []), principles.get(e.step, ""))
                self.entries[number] = replace(e, hints={**e.hints, language: told})

    def of_kind(self, subject: str, kind: Kind, argument: str = "") -> list[KnownMistake]:
        """The mistakes that may be made in such a step of a class, in the gradient of an argument if one is given."""
        return [e for e in self.entries if _is(self.steps[e.step], subject, kind, argument)]

    def step(self, subject: str, kind: Kind, argument: str = "") -> FunctionStep | None:
        """A step of a class, if there is such a one."""
        return next((s for s in self.steps.values() if _is(s, subject, kind, argument)), None)

    def without(self, family: str) -> FunctionCatalogue:
        """The same catalogue, as if nobody knew of one mistake."""
        return replace(self, entries=[e for e in self.entries if e.id != family])


def _is(step: FunctionStep, subject: str, kind: Kind, argument: str) -> bool:
    return step.subject == subject and step.kind is kind and (not step.arguments or argument in step.arguments)
