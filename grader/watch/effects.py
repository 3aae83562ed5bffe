"""Which objects a statement changes without binding a name: tables that it fills, attributes that it sets.

A file often makes a table empty and fills it later: in a loop, by a decorator, by a function that is called.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def assigned(node: ast.AST) -> Iterator[str]:
    """Names of the objects of which one simple statement sets a part: `d["x"] = 1`, `setattr(d, "x", 1)`."""
    for target in _targets(node):
        if isinstance(target, ast.Attribute | ast.Subscript):
            yield from _root(target)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
        yield from _root(node.args[0])


def changed(node: ast.AST) -> Iterator[str]:
    """Names of the objects that it changes, or that the call of a method may: `d.update(x=1)`, `@d.register`."""
    yield from assigned(node)
    called = [node.func] if isinstance(node, ast.Call) else []
    called += [d.func if isinstance(d, ast.Call) else d for d in getattr(node, "decorator_list", ())]
    for method in called:
        if isinstance(method, ast.Attribute):
            yield from _root(method)


def fills_the_namespace(statement: ast.stmt) -> bool:
    """Whether it binds names of the top level by way of a table: `globals()[name] = f`, `globals().update(...)`."""
    for node in _own(statement):
        places = [target.value for target in _targets(node) if isinstance(target, ast.Subscript)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            places.append(node.func.value)
        for place in places:
            called = place.func if isinstance(place, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in {"globals", "locals", "vars"}:
                return True
    return False


@dataclass(frozen=True)
class _Facts:
    """What is seen of one statement: names of objects that it changes or reads, and of what it calls of the program.

    `given` are changed by a function that is given them, or by a loop through them. `run` are called by name; `called`
    are definitions that are run, passed on, derived from, or decorate.
    """

    assigned: frozenset[str]
    changed: frozenset[str]
    given: frozenset[str]
    read: frozenset[str]
    run: Set[str]
    called: Set[str]


class Effects:
    """What the statements of a program change by way of blocks, decorators, base classes and calls of functions.

    Args:
        entries: names of the entry points. What calls one of them trains or tries it, and makes no part of it.
    """

    def __init__(self, program: Sequence[ast.stmt], entries: Collection[str]) -> None:
        self._program = program
        self._entries = entries

    def touching(self, name: str) -> list[int]:
        """The numbers of the statements that may change the object of this name.

        Of a definition, those that are seen to change it; of what cannot change, those that give its name another
        value; of anything else, a table or a tensor, all that have to do with it.
        """
        made = self._made.get(name, [])
        if hasattr(builtins, name):
            return []
        is_imported = any(isinstance(node, ast.Import | ast.ImportFrom) for node in made)
        is_definition = any(isinstance(node, (*_FUNCTION, ast.ClassDef)) for node in made)
        is_value = bool(made) and not (is_imported or is_definition or any(map(_is_constant, made)))
        found = []
        for number, facts in enumerate(self._facts):
            touched = facts.given | (facts.assigned if is_imported or not made else facts.changed)
            if not is_imported:  # whoever calls `torch.tanh` does not change torch
                touched = touched.union(*(self._changes.get(call, ()) for call in facts.called))
            if is_value:
                touched = touched.union(facts.read, *(self._mentions.get(call, ()) for call in facts.called))
            if name in touched and not self.trains(number):
                found.append(number)
        return found

    def trains(self, number: int) -> bool:
        """Whether a statement calls an entry point, and does more than to set something: it makes no part of one."""
        if isinstance(self._program[number], ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.ClassDef):
            return False
        run = self._facts[number].run
        return any(not self._calls.get(name, {name}).isdisjoint(self._entries) for name in run)

    @cached_property
    def _facts(self) -> list[_Facts]:
        return [self._look(statement) for statement in self._program]

    def _look(self, statement: ast.stmt) -> _Facts:
        own = list(_own(statement))
        calls = [node for node in own if isinstance(node, ast.Call)]
        loops = [node for node in own if isinstance(node, ast.For)]
        return _Facts(
            assigned=frozenset(chain(*map(assigned, own))),
            changed=frozenset(chain(*map(changed, own))),
            given=frozenset(chain(*map(self._arguments, calls), *map(_looped, loops))),
            read=frozenset(node.id for node in own if isinstance(node, ast.Name)),
            run=self._made.keys() & chain(*(_root(call.func) for call in calls)),
            called=self._definitions.keys() & chain(*map(_called, own)),
        )

    def _arguments(self, call: ast.Call) -> Iterator[str]:
        """Names of the objects that a function of the program is given, and changes."""
        for function in self._made.get(getattr(call.func, "id", ""), []):
            if isinstance(function, ast.FunctionDef):
                parameters = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
                given = [*zip(parameters, call.args, strict=False), *((k.arg, k.value) for k in call.keywords)]
                inside = set(_inside(function))
                yield from (value.id for name, value in given if name in inside and isinstance(value, ast.Name))

    @cached_property
    def _made(self) -> Mapping[str, list[ast.AST]]:
        """What is bound to each name at the top level: a value, a definition, an import."""
        made: dict[str, list[ast.AST]] = {}
        for statement in self._program:
            for node in _own(statement):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    made.setdefault(node.name, []).append(node)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    for alias in node.names:
                        made.setdefault((alias.asname or alias.name).split(".")[0], []).append(node)
                else:
                    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else node
                    for target in _targets(node):
                        if isinstance(target, ast.Name) and value:
                            made.setdefault(target.id, []).append(value)
        return made

    @cached_property
    def _changes(self) -> Mapping[str, set[str]]:
        """The names of objects that calling each function changes, or making or deriving from each class."""
        return self._through_calls(_inside)

    @cached_property
    def _mentions(self) -> Mapping[str, set[str]]:
        """The names that calling each function reads."""
        return self._through_calls(lambda node: (n.id for n in ast.walk(node) if isinstance(n, ast.Name)))

    def _through_calls(self, names: Callable[[ast.AST], Iterable[str]]) -> Mapping[str, set[str]]:
        """What is found in each function and class, and in what it calls; nothing where that is an entry point."""
        found = {name: set(chain(*map(names, nodes))) for name, nodes in self._definitions.items()}
        return {
            name: set().union(*(found.get(each, ()) for each in called)) if called.isdisjoint(self._entries) else set()
            for name, called in self._calls.items()
        }

    @cached_property
    def _definitions(self) -> Mapping[str, Sequence[ast.AST]]:
        """The functions and classes of each name that has any."""
        kinds = (*_FUNCTION, ast.ClassDef)
        found = {name: [node for node in made if isinstance(node, kinds)] for name, made in self._made.items()}
        return {name: nodes for name, nodes in found.items() if nodes}

    @cached_property
    def _calls(self) -> Mapping[str, set[str]]:
        """The names of what each function and class calls, itself and by way of others; its own among them."""
        calls = {name: {name, *chain(*map(_called_inside, nodes))} for name, nodes in self._definitions.items()}
        for _ in calls:
            wider = {name: own.union(*(calls.get(called, ()) for called in own)) for name, own in calls.items()}
            if wider == calls:
                break
            calls = wider
        return calls


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement assigns to, the parts of tuples each for itself."""
    listed = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in listed:
        yield from _parts(target)


def _parts(target: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _parts(part)
    elif isinstance(target, ast.Starred):
        yield from _parts(target.value)
    elif target is not None:
        yield target


def _root(node: ast.expr) -> Iterator[str]:
    """The name at the left end of `name.a["b"].c`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _looped(loop: ast.For) -> Iterator[str]:
    """Names of the objects that a loop goes through, where it changes them: `for c in (Tanh, ReLU): c.backward = f`."""
    change = {name for node in _own(loop) for name in changed(node)}
    if any(isinstance(target, ast.Name) and target.id in change for target in _parts(loop.target)):
        yield from (node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and all that runs together with it: blocks and bodies of classes, not those of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(node, _FUNCTION) or child in getattr(node, "decorator_list", ()):
            yield from _own(child)


def _called(node: ast.AST) -> Iterator[str]:
    """The names of what is called here: a function and those that it is passed, decorators, base classes."""
    used: list[ast.expr] = [*getattr(node, "decorator_list", ()), *getattr(node, "bases", ())]
    if isinstance(node, ast.Call):
        used += [node.func, *(argument for argument in node.args if isinstance(argument, ast.Name))]
    for each in used:
        yield from _root(each)


def _inside(node: ast.AST) -> Iterator[str]:
    """The names of global objects that the code within a function or a class changes, or binds."""
    for part in ast.walk(node):
        yield from changed(part)
        if isinstance(part, ast.Global):
            yield from part.names


def _called_inside(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield from _root(part.func)


def _is_constant(node: ast.AST) -> bool:
    """Whether it makes something that cannot change: a number, a text, `torch.float64`, `torch.device("cpu")`."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", "") in ("device", "Generator")
    return isinstance(node, ast.Constant | ast.Attribute | ast.UnaryOp) and getattr(node, "value", "") is not None
