"""How a submission is called, as a list of steps whose values go by their names.

Every interface of a course is such a list, and the data flow by names:

    affine_forward(x, w, b) -> out, cache          Linear(D, M)
    affine_backward(dout, cache) -> dx, dw, db     .W = w
                                                   .forward(x) -> out
    softmax_loss(x, y) -> loss, dx                 .backward(dout) -> dx
                                                   .dW -> dw
    Scale.apply(x) -> out
    out.backward(dout)
    x.grad -> dx

A name is an input, a letter for a size, a result of an earlier step, or the gradient that arrives at a result: `dout`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.kit.layers.declaring import DeclarationError, parts, places
from grader.kit.layers.domains import Domain, parse_domain

OBJECT = ""
"""The name of the object that a class of the submission made; steps that begin with a dot are about it."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_PATH = re.compile(r"(?:[A-Za-z_]\w*)?(?:\.[A-Za-z_]\w*)*(?:\[(?:\"[^\"]*\"|'[^']*'|\d+)\])?")
_ITEM = re.compile(r"(.*)\[(.+)\]")


@dataclass(frozen=True)
class Literal:
    """A value that stands in a declaration itself, made anew for each call: `{"mode": "train"}`."""

    text: str

    def value(self) -> Any:
        """A new object."""
        return ast.literal_eval(self.text)


@dataclass(frozen=True)
class Place:
    """Where a value is: `Linear.forward`, `.W`, `out.backward`, `grads["W1"]`.

    Attributes:
        root: an earlier name, or a name of the submission; `OBJECT` for the object that it made.
        attributes: what follows the dots.
        key: what stands in brackets at the end; None for nothing.
    """

    root: str
    attributes: tuple[str, ...] = ()
    key: str | int | None = None

    def __str__(self) -> str:
        key = "" if self.key is None else f"[{self.key!r}]"
        return ".".join([self.root, *self.attributes]) + key

    @property
    def last(self) -> str:
        """The name that a value is known by if nobody gives it another one."""
        if isinstance(self.key, str):
            return self.key
        return self.attributes[-1] if self.attributes else self.root


Argument = str | Literal


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        text: as it was declared, for messages.
        place: what is called, read or set.
        arguments, keywords: of a call; None where nothing is called.
        results: the places that a call gives, or the name of what is read; `_` for what nobody needs.
        value: the name of what is set.
        domains: of parameters that were declared within the call.
    """

    text: str
    place: Place
    arguments: tuple[Argument, ...] | None = None
    keywords: tuple[tuple[str, Argument], ...] = ()
    results: tuple[Place, ...] = ()
    value: str = ""
    domains: tuple[tuple[str, Domain], ...] = field(default=())

    @property
    def needs(self) -> list[str]:
        """The names of the values that it uses."""
        arguments = [*(self.arguments or ()), *(value for _, value in self.keywords)]
        return [name for name in (*arguments, self.value) if isinstance(name, str) and name]


def parse_step(text: str) -> Step:
    """One step of a declaration.

    Raises:
        DeclarationError: says what cannot be understood, and what to write.
    """
    arrows = list(places(text, "->"))
    left = (text[: arrows[0]] if arrows else text).strip()
    results = tuple(_place(part, text) for part in parts(text[arrows[0] + 2 :], ",")) if arrows else ()
    equals = list(places(left, "="))
    if equals and not left.endswith(")"):
        place, value = _place(left[: equals[0]].strip(), text), left[equals[0] + 1 :].strip()
        if not _NAME.fullmatch(value) or arrows:
            raise DeclarationError(f"`{text}`: to set something write `.W = w`, with the name of an input")
        return Step(text, place, value=value)
    if not left.endswith(")"):
        place = _place(left, text)
        return Step(text, place, results=results or (Place(place.last),))
    opening = left.find("(")
    place = _place(left[:opening].strip(), text)
    arguments: list[Argument] = []
    keywords: list[tuple[str, Argument]] = []
    domains: list[tuple[str, Domain]] = []
    for part in parts(left[opening + 1 : -1], ","):
        if part:
            _argument(part, text, arguments, keywords, domains)
    return Step(text, place, tuple(arguments), tuple(keywords), results, domains=tuple(domains))


def _argument(
    part: str,
    text: str,
    arguments: list[Argument],
    keywords: list[tuple[str, Argument]],
    domains: list[tuple[str, Domain]],
) -> None:
    colons, equals = list(places(part, ":")), list(places(part, "="))
    if colons and _NAME.fullmatch(name := part[: colons[0]].strip()):
        domains.append((name, parse_domain(part[colons[0] + 1 :].strip())))
        arguments.append(name)
    elif equals and _NAME.fullmatch(name := part[: equals[0]].strip()):
        keywords.append((name, _value(part[equals[0] + 1 :].strip(), text)))
    elif keywords:
        raise DeclarationError(f"`{text}`: `{part}` stands after `{keywords[-1][0]}=`; put it before")
    else:
        arguments.append(_value(part, text))


def _value(part: str, text: str) -> Argument:
    if _NAME.fullmatch(part) and part not in ("True", "False", "None"):
        return part
    try:
        ast.literal_eval(part)
    except (ValueError, SyntaxError):
        raise DeclarationError(
            f"`{text}`: `{part}` is neither a name nor a value such as 0.5, True or {{'mode': 'train'}}"
        ) from None
    return Literal(part)


def _place(part: str, text: str) -> Place:
    if not part or not _PATH.fullmatch(part):
        raise DeclarationError(
            f'`{text}`: `{part}` is no place; write a name, `Name.method`, `.attribute` or `grads["W1"]`'
        )
    item = _ITEM.fullmatch(part)
    path, key = (item[1], ast.literal_eval(item[2])) if item else (part, None)
    root, *attributes = path.split(".")
    return Place(root, tuple(attributes), key)


_GRADIENT = (
    re.compile(r"d[lL]_?d_?(\w+)"),
    re.compile(r"grad_(\w+)"),
    re.compile(r"(\w+)_grad"),
    re.compile(r"d_?(\w+)"),
)


def gradient_of(name: str, inputs: Iterable[str]) -> str | None:
    """The input (or output) whose gradient has this name: `w` for `dw`, `dLdw`, `dL_dw`, `grad_w`, `w_grad`, also `dW`.

    None where there is none; a name that is itself an input is no gradient.
    """
    known = list(inputs)
    if name in known:
        return None
    folded: dict[str, list[str]] = {}
    for each in known:
        folded.setdefault(each.casefold(), []).append(each)
    for pattern in _GRADIENT:
        found = pattern.fullmatch(name)
        if found and found[1] in known:
            return found[1]
        alike = folded.get(found[1].casefold(), []) if found else []
        if len(alike) == 1:
            return alike[0]
    return None


def parse_steps(texts: Sequence[str]) -> tuple[Step, ...]:
    """All steps of a declaration.

    Raises:
        DeclarationError: there is none, or one cannot be understood.
    """
    if not texts:
        raise DeclarationError("no calls; write for example `relu_forward(x) -> out, cache`")
    return tuple(parse_step(text) for text in texts)
