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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.kit.layers.declaring import DeclarationError, parts, places
from grader.kit.layers.domains import Domain, parse_domains
from grader.kit.layers.expressions import Expression

OBJECT = ""
"""The name of the object that a class of the submission made; steps that begin with a dot are about it."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_KEY = r"\[(?:\"[^\"]*\"|'[^']*'|-?\d+|\.\.\.)\]"
_PATH = re.compile(rf"(?:[A-Za-z_]\w*)?(?:\.[A-Za-z_]\w*|{_KEY})*")
_PIECE = re.compile(rf"\.([A-Za-z_]\w*)|({_KEY})")
_UNFINISHED = re.compile(r"\w+\s*:\s*one of[^:]*")
_SCALED = re.compile(r"(.*?)\s*([*/].*)")


@dataclass(frozen=True)
class Key:
    """What stands in brackets: `["W1"]`, `[0]`; `[...]` for all entries of an array."""

    value: Any

    def __str__(self) -> str:
        return "[...]" if self.value is ... else f"[{self.value!r}]"


@dataclass(frozen=True)
class Place:
    """Where a value is: `Linear.forward`, `.W`, `out.backward`, `grads["W1"]`, `.layers[0].W`.

    Attributes:
        root: an earlier name, or a name of the submission; `OBJECT` for the object that it made.
        path: attributes and keys, from the root on.
    """

    root: str
    path: tuple[str | Key, ...] = ()

    def __str__(self) -> str:
        return self.root + "".join(str(p) if isinstance(p, Key) else f".{p}" for p in self.path)

    @property
    def last(self) -> str:
        """The name that a value is known by if nobody gives it another one."""
        names = [p.value if isinstance(p, Key) else p for p in (self.root, *self.path)]
        return next((name for name in reversed(names) if isinstance(name, str)), "")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        text: as it was declared, for messages.
        place: what is called, read, set or made.
        arguments, keywords: of a call; None where nothing is called.
        results: the places that a call gives, or the name of what is read; `_` for what nobody needs.
        value: what is set, `.W = w`; what a name stands for, `bn_param = {"mode": "train"}`; or what is computed with
            objects of the submission, `(a * b).tanh() -> c`.
        domains: of parameters that were declared within the call, each with all its readings.
        scales: what results are besides being gradients, all readings of it: `dW / m`.
    """

    text: str
    place: Place
    arguments: tuple[Expression, ...] | None = None
    keywords: tuple[tuple[str, Expression], ...] = ()
    results: tuple[Place, ...] = ()
    value: Expression | None = None
    domains: tuple[tuple[str, tuple[Domain, ...]], ...] = ()
    scales: tuple[tuple[str, tuple[Expression, ...]], ...] = ()

    @property
    def is_call(self) -> bool:
        """Whether something is called by its name."""
        return self.arguments is not None

    @property
    def is_made(self) -> bool:
        """Whether a name gets a value that the declaration makes: `bn_param = {"mode": "train"}`."""
        return self.value is not None and not self.results and not self.place.path

    @property
    def is_computed(self) -> bool:
        """Whether something is computed with objects of the submission: `(a * b).tanh() -> c`."""
        return self.value is not None and bool(self.results)

    @property
    def needs(self) -> list[str]:
        """The names of the values that it uses."""
        expressions = [*(self.arguments or ()), *(value for _, value in self.keywords)]
        return [name for each in (*expressions, *([self.value] if self.value else [])) for name in each.names]

    @property
    def asks(self) -> list[str]:
        """The names that it begins with: of earlier results, or of what a submission defines."""
        if self.value is not None and (self.is_made or self.is_computed):
            return list(self.value.called)
        return [self.place.root]

    @property
    def gives(self) -> set[str]:
        """The names that are known after it."""
        names = {name for place in self.results for name in (place.last, place.root)}
        return names | ({self.place.root} if self.is_made else set())


def asked_for(steps: Iterable[Step], known: Iterable[str]) -> dict[str, list[Step]]:
    """The names that a submission defines, each with the steps that begin with it.

    Args:
        known: the names of inputs.
    """
    seen, found = {OBJECT, *known}, dict[str, list[Step]]()
    for step in steps:
        for name in step.asks:
            if name not in seen:
                found.setdefault(name, []).append(step)
        seen |= step.gives
    return found


def parse_step(text: str) -> Step:
    """One step of a declaration.

    Raises:
        DeclarationError: says what cannot be understood, and what to write.
    """
    odd = [arrow for arrow in ("-->", "=>", "→", "⇒", "⟶") if arrow in text]
    if odd:
        raise DeclarationError(f"`{text}`: write `->` in place of `{odd[0]}`")
    arrows = list(places(text, "->"))
    left = (text[: arrows[0]] if arrows else text).strip()
    results, scales = _results(text[arrows[0] + 2 :], text) if arrows else ((), ())
    equals = [at for at in places(left, "=") if left[at - 1 : at] not in "=!<>" and left[at + 1 : at + 2] != "="]
    if equals:
        place = _place(left[: equals[0]].strip(), text)
        if arrows:
            raise DeclarationError(f"`{text}`: to set something write `.W = w`, without `->`")
        return Step(text, place, value=_expression(left[equals[0] + 1 :].strip(), text))
    opening = left.find("(")
    if opening > 0 and _PATH.fullmatch(left[:opening].strip()) and _closing(left, opening) == len(left) - 1:
        return _call(text, _place(left[:opening].strip(), text), left[opening + 1 : -1], results, scales)
    if _PATH.fullmatch(left):
        place = _place(left, text)
        return Step(text, place, results=results or (Place(place.last),), scales=scales)
    if not arrows:
        raise DeclarationError(
            f'`{text}`: `{left}` is no place; write a name, `Name.method`, `.attribute` or `grads["W1"]`, or tell what'
            " is given, `a * b -> c`"
        )
    try:
        value = _expression(left, text)
    except DeclarationError as error:
        raise DeclarationError(f"{error}; calls are written `relu_forward(x) -> out, cache`") from None
    return Step(text, Place(OBJECT), results=results, value=value, scales=scales)


def _closing(text: str, opening: int) -> int:
    """Where the bracket closes that opens at a place."""
    parts(text, ",")  # all brackets are closed
    return next(
        (at for at in range(opening + 1, len(text)) if text[at] == ")" and _is_balanced(text[opening : at + 1])), -1
    )


def _is_balanced(text: str) -> bool:
    try:
        parts(text, ",")
    except DeclarationError:
        return False
    return True


Scales = tuple[tuple[str, tuple[Expression, ...]], ...]


def _results(text: str, whole: str) -> tuple[tuple[Place, ...], Scales]:
    """What a call gives; of `dW / m or dW` the place, and both readings of the factor."""
    given, scales = [], []
    for part in parts(text, ","):
        readings = [_SCALED.fullmatch(each) for each in parts(part, " or ")]
        names = {found[1] if found else each for found, each in zip(readings, parts(part, " or "), strict=True)}
        if len(names) > 1:
            raise DeclarationError(f"`{whole}`: `{part}` are not readings of one gradient; write `dW / m or dW`")
        place = _place(names.pop(), whole)
        given.append(place)
        if any(readings):
            scales.append((place.last, tuple(_expression(f"1.0 {f[2]}" if f else "1.0", whole) for f in readings)))
    return tuple(given), tuple(scales)


def _call(text: str, place: Place, inside: str, results: tuple[Place, ...], scales: Scales) -> Step:
    arguments: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    domains: list[tuple[str, tuple[Domain, ...]]] = []
    for part in _whole(parts(inside, ",")):
        colons, equals = list(places(part, ":")), list(places(part, "="))
        if not part:
            continue
        if colons and _NAME.fullmatch(name := part[: colons[0]].strip()):
            domains.append((name, parse_domains(part[colons[0] + 1 :].strip())))
            arguments.append(Expression(name))
        elif equals and _NAME.fullmatch(name := part[: equals[0]].strip()):
            keywords.append((name, _expression(part[equals[0] + 1 :].strip(), text)))
        elif keywords:
            raise DeclarationError(f"`{text}`: `{part}` stands after `{keywords[-1][0]}=`; put it before")
        else:
            arguments.append(_expression(part, text))
    return Step(text, place, tuple(arguments), tuple(keywords), results, domains=tuple(domains), scales=scales)


def _whole(listed: Sequence[str]) -> Iterator[str]:
    """The parts of a call, where `t: one of -1, 1: N` has a comma of its own."""
    waiting = ""
    for part in listed:
        waiting = f"{waiting}, {part}" if waiting else part
        if not _UNFINISHED.fullmatch(waiting):
            yield waiting
            waiting = ""
    if waiting:
        yield waiting


def _expression(text: str, whole: str) -> Expression:
    try:
        return Expression(text)
    except DeclarationError as error:
        raise DeclarationError(f"`{whole}`: {error}") from None


def _place(part: str, text: str) -> Place:
    if part.startswith("{"):
        raise DeclarationError(
            f'`{text}`: give the table a name, `-> grads`, and read it in calls of their own, `grads["x"] -> dx`'
        )
    if not part or not _PATH.fullmatch(part):
        raise DeclarationError(
            f'`{text}`: `{part}` is no place; write a name, `Name.method`, `.attribute` or `grads["W1"]`,'
            " and calls as `relu_forward(x) -> out, cache`"
        )
    pieces = list(_PIECE.finditer(part))
    root = part[: pieces[0].start()] if pieces else part
    return Place(root, tuple(p[1] if p[1] else Key(ast.literal_eval(p[2])[0]) for p in pieces))


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


def part_name(layer: str) -> str:
    """What the part of a layer is called in its exercise: the formula has the layer's own name there."""
    return f"{layer}_layer"
