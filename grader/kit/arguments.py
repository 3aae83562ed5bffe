"""Call a function of a submission with named values: by position, or in the order that its parameters' names tell.

And put other functions in the place of some that it calls.
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import torch

RoleOf = Callable[[str], str | None]
"""What a parameter of some name is meant to be; None where the name does not tell."""

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def order(function: Callable[..., Any], roles: Sequence[str], role_of: RoleOf) -> list[tuple[str, str]]:
    """The parameters of a function, in order, as pairs of its own name and the role of each.

    The order of the statement, `roles`, unless the names of all parameters that must be given tell another; `*rest` is
    given what they leave.
    """
    try:
        listed = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        listed = []
    parameters = [p for p in listed if p.kind in _POSITIONAL]
    told = [(p.name, role_of(p.name), p.default is p.empty) for p in parameters]
    named = [(name, role) for name, role, _ in told if role is not None]
    complete = all(role is not None for _, role, must in told if must)
    if named and complete and len({role for _, role in named}) == len(named) and {r for _, r in named} <= set(roles):
        left = [role for role in roles if role not in dict(named).values()]
        return [*named, *(("", role) for role in left if any(p.kind is p.VAR_POSITIONAL for p in listed))]
    names = [p.name for p in parameters] + [""] * len(roles)
    return list(zip(names, roles, strict=False))


def caller(function: Callable[..., Any], roles: Sequence[str], role_of: RoleOf) -> Callable[[Mapping[str, Any]], Any]:
    """A function that calls another one with the values of its roles; a value of another role is not given to it."""
    places = [role for _, role in order(function, roles, role_of)]
    return lambda values: function(*(values[role] for role in places))


def call(function: Callable[..., Any], roles: Sequence[str], role_of: RoleOf, values: Mapping[str, Any]) -> Any:
    """What a function returns for the values of these roles."""
    return caller(function, roles, role_of)(values)


@contextlib.contextmanager
def replaced(spaces: Iterable[dict[str, Any]], others: Sequence[tuple[str, Any, Any]]) -> Iterator[None]:
    """For a while, wherever something is known by a name, another thing stands there.

    Args:
        spaces: global names of modules.
        others: a name, what it stands for, and what it is to stand for.
    """
    changed = [
        (space, name, value, other)
        for space in {id(space): space for space in spaces}.values()
        for name, value, other in others
        if space.get(name) is value
    ]
    for space, name, _, other in changed:
        space[name] = other
    try:
        yield
    finally:
        for space, name, value, _ in changed:
            space[name] = value


def replaced_in(
    function: Callable[..., Any], others: Mapping[Any, Callable[..., Any]]
) -> contextlib.AbstractContextManager[None]:
    """For a while, some functions that `function` knows as global names, whatever these are, are others.

    Args:
        others: the function of the submission -> what is called in its place.
    """
    names = getattr(inspect.unwrap(function), "__globals__", {})
    found = [(n, v, other) for n, v in names.items() for own, other in others.items() if v is own]
    return replaced([names], found)


@contextlib.contextmanager
def local_names(function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """A dictionary that holds, after the block, what the local names of `function` stood for when it last returned."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    seen: dict[str, Any] = {}

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            seen.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(before)


def on_arrays(function: Callable[..., torch.Tensor]) -> Callable[..., Any]:
    """The same function, which gives a numpy array where it is given one."""

    def either(*arguments: Any) -> Any:
        result = function(*(torch.as_tensor(argument) for argument in arguments))
        return result if any(isinstance(argument, torch.Tensor) for argument in arguments) else result.numpy()

    return either


def slope(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The derivative of an analytic function that acts entry by entry, by the complex step; exact but for rounding."""
    step = 1e-20
    return function(torch.complex(x, torch.full_like(x, step))).imag / step
