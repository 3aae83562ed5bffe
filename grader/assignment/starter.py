"""What students start from, derived from how layers are called: every function and class that is asked for, empty."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from grader.assignment.layer_declaration import LayerDeclaration, names_asked_for
from grader.kit.layers.steps import OBJECT, Key, Step

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
}


def starter(layers: Iterable[LayerDeclaration], title: str, arrays: str = "numpy") -> str:
    """A file with every name that some layers ask for; what each is to give stands in its docstring."""
    gaps: dict[str, dict[str, str]] = {}
    bases: dict[str, str] = {}
    for layer in layers:
        for name, methods, base in _asked(layer):
            known = gaps.setdefault(name, {})
            known |= methods | known
            bases.setdefault(name, base)
    written = [_written(name, methods, bases[name]) for name, methods in gaps.items()]
    module = "import torch" if arrays == "torch" else "import numpy as np"
    return "\n\n".join([f'"""{title}: fill the gaps."""\n\n{module}\n', *written])


def _written(name: str, methods: dict[str, str], base: str) -> str:
    if list(methods) == [""]:
        return methods[""]
    return f"class {name}{base}:\n" + indent("\n".join(methods.values()), "    ")


def _asked(layer: LayerDeclaration) -> Iterator[tuple[str, dict[str, str], str]]:
    """For each name, its methods by name, the empty one for a function, and what a class is derived from."""
    owners: dict[str, list[Step]] = {}
    for step in layer.steps:
        root = step.place.root
        if root in names_asked_for(layer) and step.value is None:
            owners.setdefault(root, []).append(step)
        elif root == OBJECT and step.is_call and owners:
            owners[next(reversed(owners))].append(step)
    for name, steps in owners.items():
        makes = all(not step.place.path and step.results for step in steps)
        used = dict(_used(layer, {place.root for step in steps for place in step.results})) if makes else {}
        if any(step.place.path == ("apply",) for step in steps):
            yield name, _autograd_function(steps[0]), "(torch.autograd.Function)"
        elif used:
            kept = ", ".join(f"`{each}`" for each, text in used.items() if not text)
            made = _text("__init__", ["self", "value"], "").replace("pass", f'"""An object that has {kept}."""')
            yield name, {"__init__": made, **{each: text for each, text in used.items() if text}}, ""
        elif makes:
            yield name, {"": _function(name, steps[0], "", steps[1:])}, ""
        else:
            calls: dict[str, list[Step]] = {}
            for step in steps:
                calls.setdefault(_method(step), []).append(step)
            yield name, {method: _declared(name, alike) for method, alike in calls.items()}, ""


def _method(step: Step) -> str:
    return step.place.last if step.place.path else "__init__"


def _declared(name: str, calls: Sequence[Step]) -> str:
    first, *more = calls
    static = "@staticmethod\n" if first.place.root == name and first.place.path else ""
    return static + _function(_method(first), first, "" if static else "self", more)


def _autograd_function(step: Step) -> dict[str, str]:
    """The two halves of a `torch.autograd.Function`."""
    arguments = [each.name or "option" for each in step.arguments or ()]
    outputs = [place.last for place in step.results]
    gradients = ", ".join(f"d{name}" for name in arguments)
    arriving = ", ".join(f"d{name}" for name in outputs)
    forward = _text("forward", ["ctx", *arguments], ", ".join(outputs))
    backward = _text("backward", ["ctx", arriving], f"{gradients}; None for what is not differentiated")
    return {"forward": f"@staticmethod\n{forward}", "backward": f"@staticmethod\n{backward}"}


def _used(layer: LayerDeclaration, made: set[str]) -> Iterator[tuple[str, str]]:
    """What is done with objects that a class makes: operators and methods, and attributes, which have no text."""
    objects = made | {place.root for step in layer.steps if step.is_computed for place in step.results}
    for step in layer.steps:
        if step.is_computed and step.value is not None:
            for node in ast.walk(step.value.tree):
                yield from ((name, _text(name, parameters, "")) for name, parameters in _operations(node, objects))
        elif step.is_call and step.place.root in objects and step.place.path:
            yield step.place.last, _function(step.place.last, step, "self")
        elif not step.is_call and step.place.root in objects and not isinstance(step.place.path[-1], Key):
            name = str(step.place.path[-1])
            yield name, ""


def _operations(node: ast.AST, objects: set[str]) -> Iterator[tuple[str, list[str]]]:
    """The methods by which Python evaluates one operation."""
    match node:
        case ast.BinOp(left=left, op=op) if type(op) in _OPERATORS:
            name = _OPERATORS[type(op)]
            is_ours = any(isinstance(each, ast.Name) and each.id in objects for each in ast.walk(left))
            yield (f"__{name}__" if is_ours else f"__r{name}__"), ["self", "other"]
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield "__neg__", ["self"]
        case ast.Call(func=ast.Attribute(attr=name)):
            yield name, ["self"]


def _function(name: str, step: Step, first: str, more: Sequence[Step] = ()) -> str:
    """A function as it is called; a keyword that only further calls of it hand over has a value of its own."""
    names = [a.name or f"option_{n}" for n, a in enumerate(step.arguments or (), start=1)]
    own = dict(step.keywords)
    optional = dict.fromkeys(f"{keyword}=None" for other in more for keyword, _ in other.keywords if keyword not in own)
    given = ", ".join(dict.fromkeys(place.root for place in step.results)) if name != "__init__" else ""
    return _text(name, [*([first] if first else []), *names, *own, *optional], given)


def _text(name: str, parameters: Sequence[str], given: str) -> str:
    told = f'"""Gives {given}."""' if given else "pass"
    return f"def {name}({', '.join(parameters)}):\n    {told}\n"
